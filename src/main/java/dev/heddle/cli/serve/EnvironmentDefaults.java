package dev.heddle.cli.serve;

import dev.heddle.platform.Invocation;

import java.util.Locale;
import java.util.Map;

import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Lets every option of a subcommand be set by a variable too: {@code --hangup-grace} by HEDDLE_HANGUP_GRACE. */
final class EnvironmentDefaults implements IDefaultValueProvider {
    private final Map<String, String> environment = Invocation.environment();

    @Override
    public String defaultValue(ArgSpec argument) {
        if (argument instanceof OptionSpec option && !option.usageHelp()) {
            String name = option.longestName().substring("--".length());
            String value = environment.get("HEDDLE_" + name.toUpperCase(Locale.ROOT).replace('-', '_'));
            return value == null || value.isEmpty() ? null : value;
        }
        return null;
    }
}
