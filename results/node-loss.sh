#!/bin/sh
# Remakes the tables of node-loss.md: how a pod comes back from a machine that is gone, step by step.
# Usage: results/node-loss.sh [path of nines]
exec python3 - "${1:-build/nines}" <<'PYTHON'
import json, subprocess, sys
nines = sys.argv[1]
RUNS = 400

def play(design, actions, *settings, until=4000):
    """Milestones of each run: name and component to the first moment."""
    command = [nines, "replay", design, "-", "--runs", str(RUNS), "--until", str(until), "--quiet", "--format", "json"]
    for setting in ("/overrides/people.on_call=0",) + settings:
        command += ["--set", setting]
    answer = subprocess.run(command, input=json.dumps({"actions": actions}), capture_output=True, text=True)
    if answer.returncode != 0:
        sys.exit(answer.stderr)
    runs = []
    for run in json.loads(answer.stdout)["runs"]:
        at = {}
        for m in run["milestones"]:
            at.setdefault((m["name"], m["component"]), m["at_s"])
        runs.append(at)
    return runs

def moments(runs, name, component=None):
    """Of each run: when it first happened, to the component or to any; None: it did not."""
    found = []
    for at in runs:
        times = [t for (n, c), t in at.items() if n == name and (component is None or c.startswith(component))]
        found.append(min(times) if times else None)
    return found

def digits(x):
    return f"{x:.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}"

def spread(values):
    values = sorted(v for v in values if v is not None)
    if not values:
        return "-", "-"
    at = lambda p: values[min(len(values) - 1, int(p * len(values)))]
    return digits(at(0.5)), f"{digits(at(0.05))} to {digits(at(0.95))}"

def table(steps, runs, begin=0.0):
    """steps: (words, milestone, component, what the sheet says of the step)."""
    print("| step | sheet: min, typ, max | median, s | 5th to 95th | since the fault, median, s | runs |")
    print("| --- | --- | ---: | --- | ---: | ---: |")
    before = [begin] * len(runs)
    for words, milestone, component, sheet in steps:
        now = moments(runs, milestone, component)
        took = [b - a if a is not None and b is not None else None for a, b in zip(before, now)]
        median, tails = spread(took)
        print(f"| {words} | {sheet} | {median} | {tails} | {spread(now)[0]} | {sum(v is not None for v in now)} of {len(runs)} |")
        before = [b if b is not None else a for a, b in zip(before, now)]
    print()

def act(verb, target, at=0, **more):
    return {"at_s": at, "do": verb, "target": target, **more}

old, new = '/platform/kubernetes_version="1.31"', '/platform/kubernetes_version="1.34"'
kept = 4 * 3600  # the machine stays away

print("### A Deployment's pod, with room elsewhere")
print()
machine = "web-us-west-2a-0"
for version, words in ((old, "Kubernetes 1.31: grace period 40 s"), (new, "Kubernetes 1.34: grace period 50 s, tainted in the same pass")):
    later = version == new
    print(words + ":")
    print()
    table([
        ("node Unknown, pods not Ready", "k8s.node_unknown", machine, "40, 47.5, 55" if later else "30, 37.5, 45"),
        ("NoExecute taint", "k8s.taint_no_execute", machine, "0.03, 0.3, 10" if later else "5, 5, 5.1"),
        ("tolerated, then evicted", "k8s.evicted", None, "300"),
        ("replacement created", "k8s.pod_created", None, "0.05, 0.3, 2, with binding"),
        ("image, network and container started", "k8s.pod_started", None, "1, 5, 60"),
        ("ready", "k8s.pod_ready", None, "0, 10, 60"),
        ("behind the load balancer", "http.in_rotation", None, "0.2, 2, 30"),
    ], play("http-eks", [act("node-crash", machine, duration_s=kept)], version, until=1500))

print("### A StatefulSet's pod with an EBS volume")
print()
machine, pod = "kafka-us-west-2a-0", "kafka/broker-0"  # pods are placed alike in every run
design = "kafka-eks-statefulset"

print("A. Nobody acts and the machine stays silent (sheet: never):")
print()
table([
    ("node Unknown", "k8s.node_unknown", machine, "30, 37.5, 45"),
    ("NoExecute taint", "k8s.taint_no_execute", machine, "5, 5, 5.1"),
    ("evicted: Terminating for good", "k8s.pod_stuck", pod, "300"),
    ("started elsewhere", "k8s.pod_started", pod, "never"),
], play(design, [act("node-crash", machine, duration_s=kept)], old, '/node_groups/kafka/provisioner="none"'))

print("B. The instance is terminated and its node object deleted (sheet: 490 s, 455 to 600, from a termination that is known at once):")
print()
table([
    ("node Unknown", "k8s.node_unknown", machine, "30, 37.5, 45"),
    ("EC2 finds the host lost", "infra.node_loss_reported", machine, "not on the sheet"),
    ("node object deleted", "k8s.node_deleted", machine, "2.5"),
    ("pod collected and created anew", "k8s.pod_created", pod, "40, 60, 80"),
    ("volume given up after six minutes", "k8s.volume_force_detached", pod, "360"),
    ("detached", "k8s.volume_detached", pod, "6; already by the termination"),
    ("attached", "k8s.volume_attached", pod, "2, 6"),
    ("mounted and started", "k8s.pod_started", pod, "3, with the process 18"),
    ("ready", "k8s.pod_ready", pod, "15"),
], play(design, [act("node-loss", machine)], old))

for words, steps, actions in (
    ("C. A person deletes the pod by force 600 s after the loss (sheet: x + 390 s):",
     [("pod created anew", "k8s.pod_created", pod, "1"), ("volume given up after six minutes", "k8s.volume_force_detached", pod, "360"),
      ("detached", "k8s.volume_detached", pod, "6"), ("attached", "k8s.volume_attached", pod, "6"), ("mounted and started", "k8s.pod_started", pod, "3"),
      ("ready", "k8s.pod_ready", pod, "15")],
     [act("node-crash", machine, duration_s=kept), act("delete-pod", pod, 600)]),
    ("D. A person sets the out-of-service taint 600 s after the loss (sheet: x + 40 s):",
     [("pod collected and created anew", "k8s.pod_created", pod, "0, 10, 20"), ("detached", "k8s.volume_detached", pod, "6"),
      ("attached", "k8s.volume_attached", pod, "6"), ("mounted and started", "k8s.pod_started", pod, "3"), ("ready", "k8s.pod_ready", pod, "15")],
     [act("node-crash", machine, duration_s=kept), act("out-of-service-taint", machine, 600)])):
    print(words)
    print()
    table(steps, play(design, actions, old, '/node_groups/kafka/nodes_per_zone=2'), begin=600)

print("E. The machine is back by itself after 60 s (sheet: y + 30 s, no detachment):")
print()
table([("container started", "k8s.pod_started", pod, "y + mount"), ("ready", "k8s.pod_ready", pod, "20, 30")],
      play(design, [act("node-crash", machine, duration_s=60)], old), begin=60)

print("F. Drained, the new machine first (sheet: 40 to 60 s from the eviction):")
print()
table([("the new machine has joined", "k8s.node_provisioned", machine, "not on the sheet"),
       ("stopped in order and created anew", "k8s.pod_created", pod, "up to 30"),
       ("unmounted", "k8s.volume_released", pod, "2"), ("detached", "k8s.volume_detached", pod, "6"),
       ("attached", "k8s.volume_attached", pod, "6"), ("mounted and started", "k8s.pod_started", pod, "3"),
       ("ready", "k8s.pod_ready", pod, "15")], play(design, [act("drain", machine)], old))

print("G. The zone is without power for an hour (sheet: until it is back):")
print()
table([("pod's machine Unknown", "k8s.node_unknown", machine, "30, 37.5, 45"), ("started", "k8s.pod_started", pod, "3600 and the boot"),
       ("ready", "k8s.pod_ready", pod, "20")],
      play(design, [act("zone-power-loss", "us-west-2a", duration_s=3600)], old, until=6000))
PYTHON
