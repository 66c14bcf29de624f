#!/usr/bin/env bash
# Installs what the tests need and runs them all. Arguments go to `dotnet test`, such as --filter "FullyQualifiedName~Uploads".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

bash .ci/tools.sh
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

status=0
dotnet test Ncr.sln --logger "trx;LogFilePrefix=tests" --results-directory "$results" "$@" || status=$?

# One line that says how it went, from what was recorded.
sum() { cat "$results"/*.trx 2>/dev/null | { grep -o "<Counters [^>]*" || true; } | { grep -o " $1=\"[0-9]*\"" || true; } | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }
total=$(sum total) passed=$(sum passed) failed=$(sum failed)
skipped=$((total - $(sum executed)))
[ "$total" -gt 0 ] || status=1
[ "$failed" -eq 0 ] || status=1
printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
exit "$status"
