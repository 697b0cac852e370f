#!/usr/bin/env bash
# Plays a sweep on Kubernetes: an Indexed Job for each rung, results merged in between, until the sweep is complete, whose
# answer is printed. Interrupted, run it again: it goes on. If the cluster cannot be asked for a while it waits, then
# stops: what runs there goes on.
#
#   experiments/sweeps/batch/kubernetes.sh [kubernetes.yaml]
#
# Set in the environment: KUBECTL, the command with its options (default: kubectl; "kubectl --namespace sweeps");
# NINES_PATIENCE, for how many seconds the cluster may fail to answer (default: 20).
# What else there is to set stands in kubernetes.yaml.
set -euo pipefail

stop() {
  echo "kubernetes.sh: $1" >&2
  exit 2
}

if (($# > 1)); then
  echo "usage: kubernetes.sh [kubernetes.yaml]" >&2
  exit 2
fi
file=${1:-$(dirname -- "$(readlink -f -- "$0")")/kubernetes.yaml}
[[ -f $file && -r $file ]] || stop "$(printf %q "$file"): no such file"
read -ra kubectl <<<"${KUBECTL:-kubectl}"
command -v -- "${kubectl[0]}" >/dev/null || stop "${kubectl[0]@Q}: no such command; name it in KUBECTL"
patience=${NINES_PATIENCE:-20}
[[ $patience =~ ^[0-9]{1,6}$ ]] || stop "NINES_PATIENCE: expected seconds, got $(printf %q "$patience")"

# Runs kubectl; if it fails, again every few seconds until there is no patience left. Its output goes to `answer`.
# Where functions are asked for their success bash goes on after errors, so each is looked at here.
ask() {
  local end=$((SECONDS + patience)) code
  while true; do
    code=0
    answer=$("${kubectl[@]}" "$@") || code=$?
    if ((code == 0)); then return; fi
    if ((SECONDS >= end)); then
      echo "kubernetes.sh: ${kubectl[*]} $1 failed ($code)" >&2
      exit 1
    fi
    sleep 2
  done
}

# Like `ask`, for what changes the cluster: bad files stay bad, so it is tried once.
tell() {
  "${kubectl[@]}" "$@" >&2 || {
    echo "kubernetes.sh: ${kubectl[*]} $1 failed ($?)" >&2
    exit 1
  }
}

# The job's steps in the file, made anew, as a job that has ended cannot be started again. Returns once it has ended:
# `ended` is Complete or Failed.
play() {
  local job=nines-sweep-$1
  tell delete job "$job" --ignore-not-found --wait
  tell apply --filename "$file" --selector "step=$1"
  while true; do
    ask get job "$job" --output 'jsonpath={.status.conditions[?(@.status=="True")].type}'
    case " $answer " in
      *" Complete "*) ended=Complete && return ;;
      *" Failed "*) ended=Failed && return ;;
    esac
    # Wakes up early if the job completes; one that fails is seen at the next look.
    "${kubectl[@]}" wait --for=condition=complete --timeout=10s "job/$job" >/dev/null 2>&1 || sleep 1
  done
}

tell apply --filename "$file" --selector step=volume
while true; do
  play merge
  if [[ $ended == Complete ]]; then
    ask logs job/nines-sweep-merge
    printf '%s\n' "$answer"
    exit 0
  fi
  # 3: designs are to be played.
  ask get pods --selector job-name=nines-sweep-merge --sort-by=.metadata.creationTimestamp \
    --output 'jsonpath={.items[-1:].status.containerStatuses[0].state.terminated.exitCode}'
  code=$answer
  ask logs job/nines-sweep-merge
  printf '%s\n' "$answer" >&2
  if [[ $code != 3 ]]; then
    [[ $code =~ ^[0-9]{1,3}$ && $code != 0 ]] || code=1
    exit "$code"
  fi
  play shards
  if [[ $ended != Complete ]]; then
    echo "kubernetes.sh: a shard failed: ${kubectl[*]} logs --selector step=shards" >&2
    exit 1
  fi
done
