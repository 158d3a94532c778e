# watchdog.sh [PID KIND]...: ends what a process started once that process is gone, however it went. Lines of stdin, until its
# writer is gone, say more of it:
#   watch PID KIND   a service: its own process group; a database: the server's first process
#   forget PID       it has ended
# A number is only ever signalled while it is the process that was watched: /proc tells when that began.
set -f
trap '' INT TERM HUP
watched=

# state and start time of a process; nothing where there is none, or no /proc to tell
life() {
  { read -r stat < "/proc/$1/stat"; } 2>/dev/null || return 0
  set -- ${stat##*) }
  [ "$1" = Z ] || echo "${20}"
}

lives() { kill -0 "$1" 2>/dev/null && [ "$(life "$1")" = "$2" ] && { [ -n "$2" ] || [ ! -e /proc/self ]; }; }

signal() { # SIGNAL KIND: to all that live
  for one in $watched; do
    pid=${one%%:*} rest=${one#*:}
    [ "${rest#*:}" = "$2" ] && lives "$pid" "${rest%%:*}" || continue
    if [ "$2" = service ]; then kill -s "$1" -- "-$pid" 2>/dev/null; else kill -s "$1" "$pid" 2>/dev/null; fi
  done
}

await() { # TENTHS KIND: until none lives
  left=$1
  while [ "$left" -gt 0 ]; do
    some=
    for one in $watched; do
      rest=${one#*:}
      [ "${rest#*:}" = "$2" ] && lives "${one%%:*}" "${rest%%:*}" && some=yes
    done
    [ -n "$some" ] || return 0
    sleep 0.1
    left=$((left - 1))
  done
}

watch() { watched="$watched $1:$(life "$1"):$2"; } # PID KIND

while [ $# -ge 2 ]; do
  watch "$1" "$2"
  shift 2
done

while read -r verb pid kind; do
  case $verb in
    watch) watch "$pid" "$kind" ;;
    forget)
      kept=
      for one in $watched; do [ "${one%%:*}" = "$pid" ] || kept="$kept $one"; done
      watched=$kept
      ;;
  esac
done

# Services see for themselves that the command is gone, and finish what they do; the database is theirs until then.
await 40 service
signal KILL service
signal INT database
await 100 database
signal QUIT database
