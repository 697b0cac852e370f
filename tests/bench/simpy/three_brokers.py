#!/usr/bin/env python3
"""Three brokers with one repair crew in SimPy; the service is up while at least two work.

Unavailability by the regenerative ratio estimator: a cycle runs from the instant at which all brokers work again to
the next such instant. The 95 % interval is the normal one of the ratio. Needs `pip install simpy`.
"""
import argparse
import json
import math
import random
import time

import simpy

HOURS_PER_YEAR = 8760
MEAN_UP_H = 1000
MEAN_REPAIR_H = 4
BROKERS = 3
NEEDED = 2
Z95 = 1.959963984540054


class Cluster:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.env = simpy.Environment()
        self.crew = simpy.Resource(self.env, capacity=1)
        self.working = BROKERS
        self.down_since = None
        self.down_in_cycle = 0.0
        self.cycle_start = 0.0
        self.cycles = 0
        self.hits = 0
        # Sums over cycles of down time d and length l, and of their products.
        self.d = self.l = self.dd = self.dl = self.ll = 0.0
        for _ in range(BROKERS):
            self.env.process(self.broker())

    def broker(self):
        env, draw = self.env, self.random.expovariate
        while True:
            yield env.timeout(draw(1 / MEAN_UP_H))
            self.fails()
            with self.crew.request() as turn:
                yield turn
                yield env.timeout(draw(1 / MEAN_REPAIR_H))
            self.works_again()

    def fails(self):
        self.working -= 1
        if self.working == NEEDED - 1:
            self.down_since = self.env.now

    def works_again(self):
        self.working += 1
        if self.working == NEEDED:
            self.down_in_cycle += self.env.now - self.down_since
        if self.working == BROKERS:
            self.end_cycle()

    def end_cycle(self):
        down, length = self.down_in_cycle, self.env.now - self.cycle_start
        self.cycles += 1
        self.hits += down > 0
        self.d += down
        self.l += length
        self.dd += down * down
        self.dl += down * length
        self.ll += length * length
        self.down_in_cycle = 0.0
        self.cycle_start = self.env.now

    def estimate(self):
        """Unavailability and half-width of its 95 % interval."""
        if self.hits < 2:
            return None, None
        ratio = self.d / self.l
        variance = (self.dd - 2 * ratio * self.dl + ratio * ratio * self.ll) / (self.cycles - 1)
        mean_length = self.l / self.cycles
        return ratio, Z95 * math.sqrt(variance / self.cycles) / mean_length


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=float, default=10000, help="simulated years, at most if --precision is given")
    parser.add_argument("--precision", type=float, help="stop at this relative half-width")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    begin = time.perf_counter()
    cluster = Cluster(options.seed)
    years, step = 0.0, options.years
    if options.precision is not None:
        step = min(options.years, 500.0)
    while years < options.years:
        years = min(options.years, years + step)
        cluster.env.run(until=years * HOURS_PER_YEAR)
        value, half = cluster.estimate()
        if options.precision is not None and value is not None and half <= options.precision * value:
            break
    print(json.dumps({
        "unavailability": value,
        "ci95": None if value is None else [value - half, value + half],
        "relative_half_width": None if value is None else half / value,
        "years": years,
        "cycles": cluster.cycles,
        "cycles_with_downtime": cluster.hits,
        "events": next(cluster.env._eid),  # events that SimPy has scheduled
        "wall_s": time.perf_counter() - begin,
    }))


if __name__ == "__main__":
    main()
