#!/bin/sh
# Starts the jar that follows this script in the same file. Its class files load on these JDKs and on no other.
# A version is read from the JDK's "release" file: asking a JVM takes longer than the rest of the start.
jdks='@jdks@'

# Flags for all JVMs of this machine: with them a JVM writes a line to stderr, which belongs to the remote command, or
# does not start because they contradict those below. HEDDLE_JAVA_OPTS is for this program alone.
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS JDK_AOT_VM_OPTIONS _JAVA_LAUNCHER_DEBUG

# The code when this program does not start. Those that talk to a server may end with any code of a remote program.
case $1 in
    run | sh | shell | start | jobs | logs | wait | kill | ready | upper) failed=255 ;;
    *) failed=1 ;;
esac

# Sets $update to that version if the jar has classes for it.
holds() {
    case " $jdks " in *" ${1%%[!0-9]*} "*) update=$1 ;; *) return 1 ;; esac
}

# Whether the JDK in the folder $1 can run the jar.
fits() {
    [ -x "$1/bin/java" ] || return 1
    if [ -r "$1/release" ]; then
        while IFS= read -r line || [ -n "$line" ]; do
            case $line in JAVA_VERSION=*)
                line=${line#*\"}
                holds "${line%%\"*}"
                return
            esac
        done < "$1/release"
        return 1
    fi
    asked "$1/bin/java"
}

asked() {
    line=$("$1" -version 2>&1)
    line=${line#* version \"}
    holds "${line%%\"*}"
}

# Sets $java and $update, or fails.
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
            asked "$java" && return
        fi
    fi
    all=$jdks
    for jdks in $all; do # the best first
        for home in /usr/lib/jvm/* /opt/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
                /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/.local/share/mise/installs/java/* \
                "$HOME"/.asdf/installs/java/*; do
            java=$home/bin/java
            fits "$home" && return
        done
    done
    jdks=$all
    return 1
}

if ! find_java; then
    needed=${jdks% *}
    [ "$needed" = "$jdks" ] || needed="$needed or ${jdks##* }"
    if [ -n "$HEDDLE_JAVA_HOME" ]; then
        echo "heddle: needs JDK $needed, and HEDDLE_JAVA_HOME=$HEDDLE_JAVA_HOME is none" >&2
    else
        echo "heddle: needs JDK $needed: none in JAVA_HOME, PATH, /usr/lib/jvm, /opt or version managers" >&2
    fi
    echo "heddle: install one, or name its folder: HEDDLE_JAVA_HOME=/path/to/jdk-${jdks%% *} heddle ..." >&2
    [ "$failed" = 255 ] || failed=69
    exit "$failed"
fi

# No JVM starts in a directory that has been deleted. Clients need none. A server's commands do, and so does a file
# that is to be written: not in / then. The second test is for a directory whose parents cannot be searched.
# shellcheck disable=SC3013
if ! [ "$PWD" -ef . ] && ! env pwd -P > /dev/null 2>&1; then
    case $1 in
        serve | token)
            echo "heddle: the working directory has been deleted" >&2
            exit 1
            ;;
    esac
    cd /
fi

# Text is UTF-8, whatever the user's locale is, and whether it is installed or not: of others, the JVM would turn what
# they do not know into '?', and open no file with such a name. A server's commands get LC_ALL as it was.
# Where this locale is missing too, bash warns.
export HEDDLE_LC_ALL="${LC_ALL+=$LC_ALL}" LC_ALL=C.UTF-8 2>/dev/null

# `sh heddle` finds the script on PATH, java -jar would not. Absolute: an archive is made for one path.
jar=$0
[ -f "$jar" ] || jar=$(command -v -- "$0")
case $jar in /*) ;; *) jar=$PWD/$jar ;; esac

# From 22 on the jar's manifest grants it the native calls. There the option would only cost: with it the JVM does
# without its archived modules.
major=${update%%[!0-9]*}
flags='--enable-preview -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8'
[ "$major" -ge 22 ] || flags="$flags --enable-native-access=ALL-UNNAMED"

# What the JVM itself has to say must not get into stdout, which belongs to the remote command.
log='all=warning,cds*=off'
[ "$major" -lt 24 ] || log="$log,aot*=off"
flags="$flags -XX:+DisplayVMOutputToStderr"

# Of the address space, which may be limited, the JVM would reserve a gigabyte for the classes of large programs.
flags="$flags -XX:CompressedClassSpaceSize=64m"

# Clients live for a moment: no time for figures that nobody reads, nor for the optimizing compiler. But only that one
# uses the processor's instructions for AES: without it TLS brings a tenth of what it can.
case $1 in
    serve | shell) tuning= ;;
    *)
        # Of an address space that is limited, the C library would reserve 64 MB for each thread that allocates.
        export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
        tuning='-XX:-UsePerfData -XX:-PrintWarnings' # a file .hotspotrc in the directory is worth a warning to it
        case " $* $HEDDLE_HOST ${HEDDLE_TLS:+--tls} " in
            *' --tls '* | *resps://*) ;;
            *) tuning="$tuning -XX:TieredStopAtLevel=1" ;;
        esac
        ;;
esac

# Without memory nobody knows what still works: a thread that all depend on may be gone. So a server ends then, with
# code 3, and its service manager starts another one. Before that the JVM, whose process is %p, has this command kill its
# children and their process groups. It is one line without semicolons, or the JVM would take it for several.
last_will=
if [ "$1" = serve ]; then
    tuning=-XX:+ExitOnOutOfMemoryError
    # shellcheck disable=SC2016
    last_will='echo "heddle: out of memory: the server ends, and its commands with it" >&2 && '
    # shellcheck disable=SC2016
    last_will=$last_will'kill -s KILL -- $(grep -lsx "PPid:.%p" /proc/[0-9]*/status | '
    # shellcheck disable=SC2016
    last_will=$last_will'sed -e "/\/$$\//d" -e "s,/proc/\([0-9]*\)/status,-\1 \1,") 2> /dev/null'
fi

# An archive of loaded and linked classes makes starts faster. The JVM passes over one that does not fit without a
# word, but a JVM that fails to write one exits with 1, so a second JVM writes it, once per jar and JDK update.
if [ "$major" -ge 25 ]; then
    make=-XX:AOTCacheOutput use=-XX:AOTCache
else
    make=-XX:ArchiveClassesAtExit use=-XX:SharedArchiveFile
fi
write_archive() {
    umask 077
    # The settings are for other servers; of the one that runs for a moment here nobody else knows the password.
    # shellcheck disable=SC2046
    unset HEDDLE_ $(env | sed -n 's/^\(HEDDLE_[A-Z_]*\)=.*/\1/p')
    HEDDLE_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    export HEDDLE_PASSWORD
    draft=$archive.$$
    # It gets its name when it is on the disk, and after its checksum.
    # shellcheck disable=SC2086
    if "$java" $flags "$make=$draft" -jar "$jar" rehearse && sync "$draft" && cksum < "$draft" > "$draft.sum"; then
        date_back "$draft" "$draft.sum"
        mv -f "$draft.sum" "$archive.sum" && mv -f "$draft" "$archive"
    fi
    rm -f "$draft"*
    # Those of jars and JDKs that have not been used for long.
    find "$cache" -name 'heddle-*' -mtime +90 -exec rm -f {} +
}

# Gives these files the time of a jar that is from the future: else they would be made again at each start.
date_back() {
    # shellcheck disable=SC3013
    if [ "$jar" -nt "$1" ]; then
        touch -r "$jar" "$@"
    fi
}

# Whether the archive is as it was written: whatever has changed it since has made it newer than its checksum. With one
# that has been cut off and filled up with zeros, say, the JVM would crash.
intact() {
    [ -r "$archive" ] && [ -r "$archive.sum" ] || return 1
    # shellcheck disable=SC3013
    [ "$archive" -nt "$archive.sum" ] || return 0
    IFS= read -r sum < "$archive.sum"
    [ "$sum" = "$(cksum < "$archive")" ] && touch -r "$archive" "$archive.sum"
}

# Whether nobody but this user and root can change what is in the folder $1, or put another one in its place. An archive
# is code. No link is followed: of what it leads to nothing would be known.
is_private() {
    # shellcheck disable=SC3013
    [ -O "$1" ] && [ -w "$1" ] && ! [ -k "$1" ] || return 1
    folder=$1
    set -- /.
    while [ -n "$folder" ]; do
        [ -L "$folder" ] && return 1
        # One that is not this user's must be root's: by this name find(1) knows it.
        [ -O "$folder" ] || folder=$folder/.
        set -- "$folder" "$@"
        folder=${folder%/.}
        folder=${folder%/*}
    done
    found=$(find "$@" -prune \( \( -perm -020 -o -perm -002 \) ! -perm -1000 -o -name . ! -user 0 \) 2>&1) \
        && [ -z "$found" ]
}

# Sets $key: the jar's path as a file name.
name_archive() {
    IFS=/
    set -f
    set -- $1
    IFS=+
    key="$*"
    unset IFS
    set +f
}

archive=
cache=
case $XDG_CACHE_HOME:$HOME in
    /*) cache=$XDG_CACHE_HOME ;;
    *:/*) cache=$HOME/.cache ;;
esac
if [ -n "$cache" ]; then
    cache=$cache/heddle
    [ -d "$cache" ] || (umask 077 && mkdir -p "$cache") 2> /dev/null
    # Where a link leads is looked at, not the link.
    is_private "$cache" || { cache=$(cd -P -- "$cache" 2> /dev/null && pwd -P) && is_private "$cache"; } || cache=
fi
if [ -n "$cache" ]; then
    name_archive "$jar"
    archive=$cache/heddle-@version@-$update$key
    # One that is not as it should be is removed and not overwritten: a server that runs may have it mapped.
    # shellcheck disable=SC3013
    if [ "$jar" -nt "$archive" ] || { [ -s "$archive" ] && ! intact; }; then
        rm -f "$archive" "$archive.sum"
    fi
    # The empty file marks the attempt: one that fails is not made again. Of several processes one makes it.
    if ! [ -e "$archive" ] && (set -C && : > "$archive") 2> /dev/null; then
        date_back "$archive"
        # From a subshell, so that it is no child of our JVM, which would not reap it.
        (write_archive < /dev/null > /dev/null 2>&1 &)
    fi
    # With one that is not there, the JVM would do without its own too.
    [ -s "$archive" ] || archive=
fi

# The JVM would open one of its own files as descriptor 0, and that would be read as stdin.
[ ! -d /dev/fd ] || [ -e /dev/fd/0 ] || exec 0</dev/null

# What is large lies in chunks that are used again, so that little garbage is made. This collector needs one thread and
# little room. The young generation is small because what lives when thousands of commands begin is copied while all
# clients wait. The heap's bound is the JVM's own, a quarter of the memory of the machine or its cgroup, but at most
# 1 GiB. Users who set one of these by themselves have the choice.
case $HEDDLE_JAVA_OPTS in
    *-Xm* | *HeapSize* | *RAMPercentage* | *-XX:+Use*GC*) heap= ;;
    *) heap='-XX:+UseSerialGC -Xms48m -Xmn8m -XX:ErgoHeapSizeLimit=1g' ;;
esac

# The way out of an archive whose damage has left no trace: the JVM that crashes removes it.
if [ -n "$archive" ]; then
    export HEDDLE_ARCHIVE="$archive"
fi

set -f # $HEDDLE_JAVA_OPTS is split into words and nothing more
jvm() {
    how=$1
    shift
    # shellcheck disable=SC2016,SC2086
    "$how" "$java" $flags $tuning $heap ${last_will:+"-XX:OnOutOfMemoryError=$last_will"} \
        ${archive:+"$use=$archive" '-XX:OnError=rm -f "$HEDDLE_ARCHIVE"'} \
        -Xlog:disable "-Xlog:$log:stderr" $HEDDLE_JAVA_OPTS "$@"
}

# A JVM that does not come up ends with 1, as remote programs do. So one is tried first where that must be feared: where
# memory or processes are limited, or the user gives flags; not for a debugger, which would have to come twice.
may_fail() {
    case $HEDDLE_JAVA_OPTS in
        *-agent* | *-javaagent* | *-Xrun*) return 1 ;;
        *[!\ ]*) return 0 ;;
    esac
    [ -r /proc/self/limits ] || return 1
    while read -r _ name next number _; do
        case $name:$next:$number in
            processes:?:* | processes:??:* | processes:???:*) return 0 ;;
            data:size:unlimited) ;;
            address:space:unlimited) return 1 ;; # the last of these lines
            data:size:* | address:space:*) return 0 ;;
        esac
    done < /proc/self/limits
    return 1
}
if may_fail && ! why=$(jvm command -XX:ErrorFile=/dev/null -version 2>&1); then
    why=${why#Error occurred during initialization of VM}
    # shellcheck disable=SC2086
    echo "heddle: the JVM does not start:" ${why%%# An error report *} >&2
    exit "$failed"
fi

# Where nothing can be executed in spite of all, the trap is reached in dash, and the last line in bash.
trap 'exit "$failed"' EXIT
# shellcheck disable=SC3044
[ -z "$BASH_VERSION" ] || shopt -s execfail
jvm exec -jar "$jar" "$@"
exit
