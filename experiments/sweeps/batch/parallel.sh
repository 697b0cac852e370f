#!/usr/bin/env bash
# Plays a sweep in shards on this machine, several at a time, rung after rung, until it is complete; interrupted, run it
# again: it goes on. One process with --threads does the same; this one shows how to drive any other launcher, such as
# GNU parallel over ssh on machines that share a directory.
#
#   experiments/sweeps/batch/parallel.sh SWEEP RESULTS.sqlite SHARDS [options of nines sweep, such as --seed 2]
#
# Set in the environment: NINES, the command (default: nines); NINES_AT_ONCE, the number of shards that may run at a time
# (default: the number of processors); NINES_LAUNCH, a command that reads the numbers of shards and has bash run its last
# argument, a command line, with {} replaced by each (default: xargs with bash -c; for machines by ssh:
# parallel --sshloginfile machines --wd "$PWD"). Every argument of this script is data: no shell reads it.
set -euo pipefail

stop() {
  echo "parallel.sh: $1" >&2
  exit 2
}

# A number that may stand in an expression, where a shell would run what else it holds.
number() {
  [[ $2 =~ ^[1-9][0-9]{0,6}$ ]] || stop "$1: expected a whole number from 1 to 9999999, got $(printf %q "$2")"
}

if (($# < 3)); then
  echo "usage: parallel.sh SWEEP RESULTS.sqlite SHARDS [options of nines sweep]" >&2
  exit 2
fi
sweep=$1 results=$2 shards=$3 options=("${@:4}")
[[ -n $sweep ]] || stop "SWEEP is empty"
[[ -n $results ]] || stop "RESULTS.sqlite is empty"
number SHARDS "$shards"
at_once=${NINES_AT_ONCE:-$(nproc)}
number NINES_AT_ONCE "$at_once"
nines=${NINES:-nines}
# A name that begins with a dash is a file all the same.
if [[ $sweep == -* ]]; then sweep=./$sweep; fi
if [[ -n ${NINES_LAUNCH:-} ]]; then
  read -ra launch <<<"$NINES_LAUNCH"
else
  launch=(xargs -P "$at_once" -I '{}' bash -c)
fi
export PARALLEL_SHELL=${PARALLEL_SHELL:-$(command -v bash)}

while true; do
  code=0
  "$nines" sweep "$sweep" "--results=$results" --quiet "${options[@]}" --merge || code=$?
  # 3: designs are to be played.
  if ((code != 3)); then exit "$code"; fi
  # Quoted, {} is no mark to be replaced. Fails if a shard fails; what the others did stays.
  printf -v shard '%q ' "$nines" sweep "$sweep" "--results=$results" --threads 1 --quiet "${options[@]}" --shard
  seq 0 $((shards - 1)) | "${launch[@]}" "$shard{}/$shards"
done
