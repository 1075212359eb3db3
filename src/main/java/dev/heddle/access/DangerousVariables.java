package dev.heddle.access;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Names the variables that make common programs load or run something else: a user who may set one needs no other
 * program. The list cannot be complete, so policies name what is allowed; it keeps operators from naming these.
 */
final class DangerousVariables {
    private static final List<String> PREFIXES = List.of("LD_", "DYLD_", "BASH_FUNC_", "GIT_CONFIG", "PYTHON", "PERL5",
            "LUA_", "_JAVA_", "NPM_CONFIG_", "CARGO_", "OPENSSL_", "XDG_");
    private static final Set<String> NAMES = Set.of(
            // the search for programs, and shells
            "PATH", "CDPATH", "IFS", "ENV", "BASH_ENV", "PS4", "PROMPT_COMMAND", "SHELLOPTS", "BASHOPTS", "SHELL",
            "ZDOTDIR", "FPATH", "HOME",
            // libc and locales
            "GCONV_PATH", "LOCPATH", "NLSPATH", "GLIBC_TUNABLES", "HOSTALIASES", "RES_OPTIONS", "RESOLV_HOST_CONF",
            "TERMINFO", "TERMINFO_DIRS", "TERMCAP",
            // interpreters
            "PERLLIB", "PERL_MM_OPT", "RUBYLIB", "RUBYOPT", "GEM_HOME", "GEM_PATH", "BUNDLE_GEMFILE", "NODE_OPTIONS",
            "NODE_PATH", "PHPRC", "PHP_INI_SCAN_DIR", "CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS",
            "JAVA_HOME", "JAVA_OPTS", "MAVEN_OPTS", "MAVEN_ARGS", "GRADLE_OPTS", "ANT_OPTS", "AWKPATH", "AWKLIBPATH",
            "TCLLIBPATH", "GUILE_LOAD_PATH", "R_PROFILE", "R_PROFILE_USER", "R_ENVIRON", "JULIA_LOAD_PATH",
            "ERL_FLAGS", "ERL_AFLAGS", "ERL_LIBS", "DOTNET_STARTUP_HOOKS", "VIRTUAL_ENV",
            // programs that start others
            "PAGER", "MANPAGER", "GIT_PAGER", "SYSTEMD_PAGER", "LESSOPEN", "LESSCLOSE", "LESS", "EDITOR", "VISUAL",
            "GIT_EDITOR", "GIT_SEQUENCE_EDITOR", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS",
            "SUDO_ASKPASS", "GIT_EXEC_PATH", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND", "GIT_TEMPLATE_DIR", "GIT_DIR",
            "BROWSER", "MAKEFLAGS", "MAKEFILES", "MFLAGS", "GNUMAKEFLAGS", "RUSTC_WRAPPER", "RUSTC", "CC", "CXX",
            "RSYNC_RSH", "TAR_OPTIONS", "CVS_RSH", "TEXINPUTS",
            // configuration that names programs
            "KUBECONFIG", "DOCKER_CONFIG", "AWS_CONFIG_FILE", "CURL_HOME", "WGETRC", "VIMINIT", "EXINIT");

    private DangerousVariables() {}

    static boolean contains(String name) {
        return NAMES.contains(name)
                || PREFIXES.stream().anyMatch(prefix -> name.toUpperCase(Locale.ROOT).startsWith(prefix));
    }
}
