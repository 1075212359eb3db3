#!/bin/sh
# Starts the jar that follows this script in the same file. Its class files load on JDK @jdk@ and on no other.
# A version is read from the JDK's "release" file: asking a JVM takes longer than the rest of the start.
jdk=@jdk@
update=$jdk

# Sets $update to the full version where it is known.
fits() {
    [ -x "$1/bin/java" ] || return 1
    if [ -r "$1/release" ]; then
        while IFS= read -r line || [ -n "$line" ]; do
            case $line in JAVA_VERSION=\"${jdk}[!0-9]*)
                update=${line#*\"} update=${update%%\"*}
                return 0
            esac
        done < "$1/release"
        return 1
    fi
    is_version "$1/bin/java"
}

is_version() {
    case $("$1" -version 2>&1) in *' version "'"$jdk"[!0-9]*) return 0 ;; esac
    return 1
}

# Sets $java, or fails.
find_java() {
    if [ -n "$HEDDLE_JAVA_HOME" ]; then
        java=$HEDDLE_JAVA_HOME/bin/java
        fits "$HEDDLE_JAVA_HOME"
        return
    fi
    if [ -n "$JAVA_HOME" ] && fits "$JAVA_HOME"; then
        java=$JAVA_HOME/bin/java
        return
    fi
    if java=$(command -v java); then
        real=$(readlink -f "$java" 2>/dev/null) || real=$java
        home=${real%/bin/java}
        if [ -r "$home/release" ]; then
            fits "$home" && return
        else
            # A version manager's shim, or macOS's stub.
            is_version "$java" && return
        fi
    fi
    for home in /usr/lib/jvm/* /opt/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
            /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/.local/share/mise/installs/java/* \
            "$HOME"/.asdf/installs/java/*; do
        java=$home/bin/java
        fits "$home" && return
    done
    return 1
}

if ! find_java; then
    if [ -n "$HEDDLE_JAVA_HOME" ]; then
        echo "heddle: needs JDK $jdk, and HEDDLE_JAVA_HOME=$HEDDLE_JAVA_HOME is none" >&2
    else
        echo "heddle: needs JDK $jdk: none in JAVA_HOME, PATH, /usr/lib/jvm, /opt or version managers" >&2
    fi
    echo "heddle: install one, or name its folder: HEDDLE_JAVA_HOME=/path/to/jdk-$jdk heddle ..." >&2
    exit 69
fi

# In the C locale, that of services and empty environments, the JVM turns all but ASCII in arguments into '?'.
# Python's PEP 538 does the same about it, and leaves LC_ALL alone too.
case $LC_ALL:${LC_CTYPE:-$LANG} in : | :C | :POSIX) export LC_CTYPE=C.UTF-8 ;; esac

# `sh heddle` finds the script on PATH, java -jar would not.
jar=$0
[ -f "$jar" ] || jar=$(command -v -- "$0")

# A warning of the JVM's must not get into stdout, which belongs to the remote command.
log='all=warning,cds*=off'
[ "$jdk" -lt 24 ] || log="$log,aot*=off"

# An archive of parsed classes makes starts faster. The JVM passes over one that does not fit without a word,
# but a JVM that fails to write one exits with 1, so a second JVM writes it, once per jar and JDK update.
archive=
write_archive() {
    if "$java" @flags@ "-XX:ArchiveClassesAtExit=$archive.$$" -jar "$jar" --help; then
        mv -f "$archive.$$" "$archive"
    else
        rm -f "$archive.$$"
    fi
}
cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
if [ -n "$cache" ]; then
    cache=$cache/heddle
    [ -d "$cache" ] || (umask 077 && mkdir -p "$cache") 2>/dev/null
    # Only in a folder of our own: an archive is code.
    if [ -w "$cache" ] && [ -O "$cache" ]; then
        archive=$cache/@version@-jdk$update.jsa
        # The empty file marks the attempt: one that fails is not made again.
        # shellcheck disable=SC3013
        if ! [ "$archive" -nt "$jar" ] && { rm -f "$cache"/*.jsa* && (: > "$archive"); } 2>/dev/null; then
            # From a subshell, so that it is no child of our JVM, which would not reap it.
            (write_archive < /dev/null > /dev/null 2>&1 &)
        fi
    fi
fi

# The JVM would open one of its own files as descriptor 0, and that would be read as stdin.
[ ! -d /dev/fd ] || [ -e /dev/fd/0 ] || exec 0</dev/null

# What streams through leaves garbage behind. This collector needs one thread and little room for it, while the
# JVM's own choice lets a server grow with the memory of its host. Whoever chooses for himself has the choice.
case $HEDDLE_JAVA_OPTS in
    *-Xm* | *HeapSize* | *-XX:+Use*GC*) heap= ;;
    *) heap='-XX:+UseSerialGC -Xms48m -XX:NewSize=32m' ;;
esac

set -f # $HEDDLE_JAVA_OPTS is split into words and nothing more
# shellcheck disable=SC2086
exec "$java" @flags@ $heap ${archive:+"-XX:SharedArchiveFile=$archive"} -Xlog:disable "-Xlog:$log:stderr" \
    $HEDDLE_JAVA_OPTS -jar "$jar" "$@"
