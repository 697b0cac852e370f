#!/usr/bin/env bash
# Plays a sweep in shards on this machine, several at a time, rung after rung, until it is complete; interrupted, run it
# again: it goes on. One process with --threads does the same; this one shows how to drive any other launcher, such as
# GNU parallel over ssh on machines that share a directory.
#
#   experiments/sweeps/batch/parallel.sh SWEEP RESULTS.sqlite SHARDS [options of nines sweep, such as --seed 2]
#
# Set in the environment: NINES, the command (default: nines); NINES_AT_ONCE, the number of shards that may run at a time
# (default: the number of processors); NINES_LAUNCH, a command that reads the numbers of shards and runs its arguments
# with {} replaced by each (default: xargs; for machines by ssh: parallel --sshloginfile machines --wd "$PWD").
set -euo pipefail

if (($# < 3)); then
  echo "usage: parallel.sh SWEEP RESULTS.sqlite SHARDS [options of nines sweep]" >&2
  exit 2
fi
sweep=$1 results=$2 shards=$3
nines=${NINES:-nines}
read -ra launch <<<"${NINES_LAUNCH:-xargs -P ${NINES_AT_ONCE:-$(nproc)} -I {}}"

while true; do
  code=0
  "$nines" sweep "$sweep" --results "$results" --quiet "${@:4}" --merge || code=$?
  # 3: designs are to be played.
  if ((code != 3)); then exit "$code"; fi
  # Fails if a shard fails; what the others did stays.
  seq 0 $((shards - 1)) |
    "${launch[@]}" "$nines" sweep "$sweep" --results "$results" --shard "{}/$shards" --threads 1 --quiet "${@:4}"
done
