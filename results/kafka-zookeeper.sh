#!/bin/sh
# Remakes the table of kafka-zookeeper.md: fail-overs by number of partitions, with ZooKeeper and with KRaft.
# Usage: results/kafka-zookeeper.sh [path of nines]
nines=${1:-build/nines}
separate='[{"name":"broker","roles":["broker"],"replicas":3},{"name":"controller","roles":["controller"],"replicas":3}]'
kill() { printf '{"schema":"nines/scenario/1","name":"kill","title":"kill","actions":[{"at_s":0,"do":"%s","target":"%s"}]}' "$1" "$2"; }
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
kill process-kill 'follower(kafka/controllers)' > "$work/broker.json"
kill process-kill 'leader(kafka/controllers)' > "$work/controller.json"
kill process-terminate 'follower(kafka/controllers)' > "$work/stop.json"
kill process-kill 'random(kafka/brokers)' > "$work/kraft-broker.json"
kill process-terminate 'random(kafka/brokers)' > "$work/kraft-stop.json"

echo "| partitions | broker lost: ZooKeeper | KRaft | controller lost: ZooKeeper | of which it reads | KRaft: acts again | both lost: KRaft | stopped in order: ZooKeeper | KRaft |"
echo "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
for partitions in 1000 10000 100000 200000; do
  play() {
    scenario=$1 design=$2
    shift 2
    "$nines" replay "$design" "$work/$scenario.json" --runs 40 --until 200 --quiet --format json "$@" \
      --set "/services/kafka/topics/my-topic/partitions=$partitions" \
      --set '/services/kafka/topics/my-topic/stored_per_partition="1MB"' > "$work/$design-$scenario.answer"
  }
  for scenario in broker controller stop; do play $scenario kafka-zookeeper-hosts; done
  for scenario in kraft-broker kraft-stop controller; do play $scenario kafka-hosts --set "/services/kafka/pools=$separate"; done
  mv "$work/kafka-hosts-controller.answer" "$work/kraft-controller.answer"
  play controller kafka-hosts
  python3 - "$work" "$partitions" <<'PYTHON'
import json, statistics, sys
folder, partitions = sys.argv[1], int(sys.argv[2])
def answer(name):
    with open(f"{folder}/{name}.answer") as file:
        return json.load(file)
def span(values):
    values = sorted(values)
    if not values: return "none"
    low, high = values[int(0.05 * len(values))], values[int(0.95 * len(values))]
    return "%.3g s (%.3g to %.3g)" % (statistics.mean(values), low, high)
def outages(name):
    return [max((o["duration_s"] for o in run["outages"] if o["sli"] == "write"), default=0) for run in answer(name)["runs"]]
def times(name, milestone, since=None):
    found = []
    for run in answer(name)["runs"]:
        at = {}
        for m in run["milestones"]: at.setdefault(m["name"], m["at_s"])
        if milestone in at and (since is None or since in at): found.append(at[milestone] - (at[since] if since else 0))
    return found
cells = ["{:,}".format(partitions), span(outages("kafka-zookeeper-hosts-broker")), span(outages("kafka-hosts-kraft-broker")),
         span(outages("kafka-zookeeper-hosts-controller")),
         span(times("kafka-zookeeper-hosts-controller", "kafka.controller_ready", "kafka.controller_created")),
         span(times("kraft-controller", "kafka.controller_active")), span(outages("kafka-hosts-controller")),
         span(outages("kafka-zookeeper-hosts-stop")), span(outages("kafka-hosts-kraft-stop"))]
print("| " + " | ".join(cells) + " |")
PYTHON
done
