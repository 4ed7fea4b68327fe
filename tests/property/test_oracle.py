#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the oracle itself: its reading, its predicate, its choice, the recorded vectors, and its checks."""
from __future__ import annotations

import sys
import unittest
from fractions import Fraction
from itertools import permutations, product
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import mutants
import vectors
from checks import check, parse_formula, parse_gres
from generate import Maker, Specs, emit
from oracle import any_will_do, answer, assignable, decide, fits, model_ok
from typed import Gres, Typed, View, contradictions, expect, read_gres, user_formula
from reading import (Accelerator, Item, Launcher, Row, SpecError, duration, expand_hosts, load_launchers, load_yaml,
                     parse_spec, size)

G = 10 ** 9
SLURM = "slurm:\n- id: c\n"


def rows_of(text: str) -> list[Row]:
    return load_launchers(SLURM + text)[0].rows


def plan_of(text: str, spec: str) -> dict[str, Any]:
    got = answer(load_launchers(SLURM + text), "slurm", [], spec)
    return got["plan"]


def used(text: str, spec: str) -> list[int]:
    decision = decide(load_launchers(SLURM + text), "slurm", [], parse_spec(spec))
    return sorted({decision.best.index} | decision.joined) if decision.best else []


class Scalars(unittest.TestCase):
    def test_sizes(self) -> None:
        for text, value in (("24G", 24 * G), ("24GB", 24 * G), ("24GiB", 24 * 2 ** 30), ("8116MiB", 8116 * 2 ** 20),
                            ("1.5G", 1500 * 10 ** 6), ("2048M", 2048 * 10 ** 6), ("1K", 1000), ("2TiB", 2 ** 41)):
            self.assertEqual(size(text), value)
        for text in ("24", "G", "24g", "-1G", "1 2G"):
            self.assertRaises(ValueError, size, text)

    def test_durations(self) -> None:
        for text, value in (("20h", 72000), ("4 days", 345600), ("1-00:00:00", 86400), ("12:30:00", 45000), ("90 s", 90),
                            ("2-12:00", 216000), ("1w", 604800), ("1.5h", 5400), ("61sec", 61)):
            self.assertEqual(duration(text), value)
        self.assertRaises(ValueError, duration, "20")

    def test_hosts(self) -> None:
        self.assertEqual(expand_hosts("n[001-003,7],login"), ["n001", "n002", "n003", "n7", "login"])
        self.assertEqual(expand_hosts("r[1-2]n[1-2]"), ["r1n1", "r1n2", "r2n1", "r2n2"])

    def test_yaml(self) -> None:
        got = load_yaml("a: &x {b: 3080, c: on}\nd: {<<: *x, c: null}\ne: 'null'\nf:\n")
        self.assertEqual(got, {"a": {"b": "3080", "c": "on"}, "d": {"b": "3080", "c": None}, "e": "null", "f": None})


class Specifications(unittest.TestCase):
    def test_terms(self) -> None:
        one, = parse_spec('cuda_gpu(mem="14G") * 2 & cpu(mem=1G)&cpu(cores=3,mem=2G)&duration = 2 h & gpu(model="RTX 3090")')
        self.assertEqual(one.items, (Item("cuda", 14 * G), Item("cuda", 14 * G), Item("gpu", None, "RTX 3090")))
        self.assertEqual((one.cores, one.mem, one.duration), (3, 2 * G, 7200))
        self.assertEqual(parse_spec("cpu()")[0].cores, 1)
        self.assertIsNone(parse_spec("cpu(mem=1G)")[0].cores)
        self.assertEqual(len(parse_spec("cpu() | cuda()|rocm()*3")), 3)

    def test_errors(self) -> None:
        for text in ("", "cuda", "cuda(", "cuda(mem=4)", "cuda()*0", "cuda(mem=4G,mem=4G)", "cpu(cores=0)", "CUDA()", "cpu()&",
                     "|cpu()", "duration=3", "cpu(model=x)", "cuda()*2000", "cpu() cpu()", "cuda(mem=4G,)"):
            with self.assertRaises(SpecError, msg=text):
                parse_spec(text)


class Reading(unittest.TestCase):
    def test_order_of_configuration(self) -> None:
        row, = rows_of("""
  features_regex: ['c(?P<cpu_cores>\\d+)', 'M(?P<cuda_memory>\\d+G?)']
  features: {M32G: {configuration: {gpu: {memory: 1G, model: own}}}}
  configuration: {gpu: {count: 2, memory: 10G}, cpu: {cores: 2, mem_per_cpu: 2G}}
  partitions: {p: {configuration: {gpu: {memory: 11G}}, nodes: [{features: [M32G, c8x, xc9, M64]}]}}
""")
        self.assertEqual(row.entries, ((Accelerator("cuda", "own", 32 * G), 2),))
        self.assertEqual((row.cores, row.memory), (8, 16 * G))

    def test_lists_start_from_the_base(self) -> None:
        row, = rows_of("""
  configuration: {gpu: {min_mem_ratio: 0.5, memory: 10G}}
  features_regex: ['n(?P<gpu_count>\\d+)']
  features: {late: {configuration: {gpu: {gres_type: t}}}}
  partitions: {p: {configuration: {gpu: [{model: a, count: 3}, {memory: 20G}]}, nodes: [{features: late}]}}
""")
        half = Fraction(1, 2)
        self.assertEqual(row.entries, ((Accelerator("cuda", "a", 10 * G, 0, half, "t"), 3),
                                       (Accelerator("cuda", None, 20 * G, 0, half, "t"), 1)))

    def test_counts(self) -> None:
        self.assertEqual(rows_of("  partitions: {p: {configuration: {gpu: {memory: 1G}}}}\n")[0].entries, ())
        self.assertEqual(rows_of("  configuration: {gpu: {count: 2}}\n"
                                 "  partitions: {p: {configuration: {gpu: {count: 0}}}}\n")[0].entries, ())
        local = load_launchers("local:\n- gpu: {memory: 1G}\n- gpus: [{}, {count: 2}]\n- cpu: {cores: 1}\n")
        self.assertEqual([len(l.rows[0].devices) for l in local], [1, 3, 0])
        self.assertEqual([l.id for l in local], ["local[0]", "local[1]", "local[2]"])

    def test_rows(self) -> None:
        rows = rows_of("""
  qos: {q: {max_duration: 2h, min_gpu: 1, priority: 3}, r: {max_duration: 0h}}
  configuration: {max_duration: 1h}
  partitions:
    a: {qos: [q, r, unknown], accounts: [x, y], priority: 1, nodes: [{hosts: 'n[1-2]'}, {hosts: n3}, {features: [f]}]}
    b:
    c: {nodes: []}
    d: {disabled: true}
""")
        self.assertEqual([(r.partition, r.fset, r.qos, r.account) for r in rows],
                         [("a", frozenset(f), q, x) for f, q, x in product(("", "f"), ("q", "r", "unknown"), "xy")]
                         + [("b", frozenset(), None, None)])
        self.assertEqual(rows[0].hosts, {"n1", "n2", "n3"})
        self.assertEqual((rows[0].max_duration, rows[0].min_gpu, rows[0].priority), (3600, 1, 4))
        self.assertEqual((rows[2].max_duration, rows[2].min_gpu, rows[2].priority), (3600, 0, 1))

    def test_a_class_with_an_unknown_host_is_unknown(self) -> None:
        row, = rows_of("  partitions: {a: {nodes: [{hosts: n1, features: [x, y]}, {features: [y, x]}]}}\n")
        self.assertIsNone(row.hosts)
        self.assertEqual(row.features, ("x", "y"))

    def test_order_of_launchers(self) -> None:
        got = load_launchers("local: [{id: a}, {id: b, weight: 2}]\nslurm: [{id: c, weight: 2}, {id: d, weight: 9}]\n")
        self.assertEqual([l.id for l in got], ["d", "b", "c", "a"])


class Predicate(unittest.TestCase):
    def test_models(self) -> None:
        for want, have, fine in (("a100", "A100", True), ("A100", "A100-SXM4", True), ("A10", "A100", False),
                                 ("RTX", "RTX 3090", True), ("3090", "RTX 3090", False), ("A100-SXM4", "A100", False),
                                 ("x", None, False)):
            self.assertEqual(model_ok(Item("gpu", None, want), Accelerator(model=have)), fine, (want, have))

    def test_memory_edges(self) -> None:
        acc = Accelerator(memory=40 * G, ratio=Fraction("0.7"), min_memory=G)
        for mem, fine in ((28 * G, True), (28 * G - 1, False), (40 * G, True), (40 * G + 1, False), (None, True)):
            self.assertEqual(fits(Item("cuda", mem), acc), fine, mem)

    def test_matching_against_all_permutations(self) -> None:
        rng = Random(7)
        for _ in range(400):
            devices = tuple(Accelerator(rng.choice(("cuda", "rocm")), rng.choice((None, "a", "b")), rng.randint(1, 4),
                                        rng.randint(0, 2)) for _ in range(rng.randint(0, 5)))
            items = tuple(Item(rng.choice(("cuda", "gpu")), rng.choice((None, 1, 2, 3, 4)), rng.choice((None, None, "a")))
                          for _ in range(rng.randint(0, 4)))
            brute = any(all(fits(i, d) for i, d in zip(items, order)) for order in permutations(devices, len(items)))
            self.assertEqual(assignable(items, devices), brute, (items, devices))

    def test_any_will_do(self) -> None:
        entries = ((Accelerator(memory=16), 2), (Accelerator(memory=80), 2))
        self.assertFalse(any_will_do((Item("cuda", 20),), entries))
        self.assertTrue(any_will_do((Item("cuda", 16),), entries))
        self.assertTrue(any_will_do((Item("cuda", 10), Item("cuda", 20), Item("cuda", 16)), entries))


GPUS = "  partitions:\n"


def part(name: str, *groups: str, more: str = "") -> str:
    return f"    {name}: {{{more} nodes: [{', '.join('{' + g + '}' for g in groups)}]}}\n"


def gpu(memory: int, count: int = 2, gres: str = "") -> str:
    return f"configuration: {{gpu: {{count: {count}, memory: {memory}G{gres and ', gres_type: ' + gres}}}}}"


class Choice(unittest.TestCase):
    def test_product_of_partitions_and_features(self) -> None:
        text = GPUS + part("a", "features: [x], " + gpu(24), "features: [y], " + gpu(8)) + part(
            "b", "features: [y], " + gpu(24), "features: [x], " + gpu(8))
        self.assertEqual(used(text, "cuda(mem=24G)"), [0])
        self.assertEqual(plan_of(text, "cuda(mem=24G)")["constraint"], "x")

    def test_leaks_are_closed_by_hosts(self) -> None:
        text = GPUS + part("a", "features: [x], hosts: n1, " + gpu(24), "features: [x, y], hosts: 'n[2-3]', " + gpu(8))
        self.assertEqual(plan_of(text, "cuda(mem=24G)")["exclude"], ["n2", "n3"])
        self.assertIsNone(plan_of("  use_hosts: false\n" + text, "cuda(mem=24G)"))

    def test_shared_host_cannot_be_excluded(self) -> None:
        text = GPUS + part("a", "hosts: [n1, n2], " + gpu(24)) + part("b", "hosts: n2, " + gpu(8), "hosts: n3, " + gpu(24))
        self.assertEqual(used(text, "cuda(mem=24G)"), [0])

    def test_gres_type_closes_what_hosts_cannot(self) -> None:
        text = GPUS + part("a", gpu(24, 2, "big"), gpu(8, 2, "small"))
        self.assertEqual(plan_of(text, "cuda(mem=24G)")["gres"], "gpu:big:1")
        self.assertEqual(plan_of(text, "cuda()")["gres"], "gpu:1")
        untyped = GPUS + part("a", gpu(24, 2, "big"), gpu(8))
        self.assertIsNone(plan_of(untyped, "cuda(mem=24G)"))

    def test_mixed_host_asks_for_the_type(self) -> None:
        both = "configuration: {gpu: [{memory: 16G, count: 2, gres_type: s}, {memory: 80G, count: 2, gres_type: l}]}"
        text = GPUS + part("a", both)
        self.assertEqual(plan_of(text, "cuda(mem=40G)")["gres"], "gpu:l:1")
        self.assertEqual(plan_of(text, "cuda(mem=40G) & cuda(mem=10G)")["gres"], "gpu:l:2")
        self.assertEqual(plan_of(text, "cuda(mem=40G) & cuda(mem=10G)*3")["gres"], "gpu:4")

    def test_use_features_false(self) -> None:
        text = "  use_features: false\n" + GPUS + part("a", "features: [x], hosts: n1, " + gpu(24),
                                                       "features: [y], hosts: n2, " + gpu(8))
        plan = plan_of(text, "cuda(mem=24G)")
        self.assertEqual((plan["constraint"], plan["exclude"]), (None, ["n2"]))

    def test_priority_then_file_order(self) -> None:
        text = GPUS + part("a", gpu(24)) + part("b", gpu(24), more="priority: 2,") + part("c", gpu(24))
        self.assertEqual(plan_of(text, "cuda()")["partition"], ["b", "a", "c"])

    def test_mem_per_cpu_keeps_apart(self) -> None:
        def cpu(mpc: int) -> str:
            return f"configuration: {{cpu: {{mem_per_cpu: {mpc}G, cores: 64}}}}"
        text = "  use_memory_constraint: false\n" + GPUS + part("a", cpu(4)) + part("b", cpu(2)) + part("c", cpu(4))
        self.assertEqual(used(text, "cpu(mem=10G)"), [0, 2])
        self.assertEqual(plan_of(text, "cpu(mem=10G)")["cpus_per_task"], 3)

    def test_smaller_mem_per_cpu_is_a_leak(self) -> None:
        text = "  use_memory_constraint: false\n" + GPUS + part(
            "a", "hosts: n1, configuration: {cpu: {mem_per_cpu: 4G}}", "hosts: n2, configuration: {cpu: {mem_per_cpu: 2G}}")
        self.assertEqual(plan_of(text, "cpu(mem=10G)")["exclude"], ["n2"])
        self.assertEqual(plan_of(text, "cpu(mem=2G)")["exclude"], [])

    def test_launcher_without_a_sound_row_is_passed_over(self) -> None:
        text = SLURM + "  weight: 2\n" + GPUS + part("a", gpu(24), gpu(8)) + "- id: d\n" + GPUS + part("a", gpu(24))
        got = answer(load_launchers(text), "slurm", [], "cuda(mem=24G)")
        self.assertEqual(got["launcher"]["id"], "d")

    def test_no_accelerators_where_min_gpu(self) -> None:
        text = GPUS + "    a: {configuration: {min_gpu: 1, gpu: {count: 1}}}\n"
        self.assertEqual(used(text, "cpu()"), [])
        self.assertEqual(used(text, "cuda()"), [0])


class Forms(unittest.TestCase):
    def test_formulas(self) -> None:
        for text, clauses in (("A", [{"A"}]), ("A&B", [{"A", "B"}]), ("A|B", [{"A"}, {"B"}]),
                              ("(A&B)|(C&D)", [{"A", "B"}, {"C", "D"}]), ("(A&B)|C", [{"A", "B"}, {"C"}])):
            self.assertEqual(parse_formula(text), clauses)
        for text in ("", "A&B|C", "(A&B)", "(A)", "(A)|(B)", "((A&B)|C)", "A&(B|C)", "A||B", "A & B", "[A]", "A*2"):
            with self.assertRaises(ValueError, msg=text):
                parse_formula(text)

    def test_gres(self) -> None:
        self.assertEqual([parse_gres(t) for t in (None, "gpu:2", "gpu:a100:4")], [(0, None), (2, None), (4, "a100")])
        for text in ("gpu", "gpu:0", "gres:gpu:1", "gpu:a:b:1", "gpu:1,gpu:2"):
            self.assertRaises(ValueError, parse_gres, text)


class Vectors(unittest.TestCase):
    def setUp(self) -> None:
        self.launchers = load_launchers((vectors.HERE / "example.yaml").read_text())

    def decided(self, spec: str, tags: list[str]) -> dict[str, Any]:
        try:
            return answer(self.launchers, "both", tags, spec)
        except SpecError as err:
            return {"error": str(err)}

    def test_every_vector(self) -> None:
        for vector in vectors.load():
            got = self.decided(vector["spec"], vector["tags"])
            self.assertEqual(vectors.compare(got, vectors.expected(vector)), [], vector["spec"])

    def test_the_table_has_no_idle_line(self) -> None:
        """A spec in the table is a vector, and would differ from what was recorded."""
        found = {v["spec"]: v for v in vectors.load()}
        for spec in vectors.OWN:
            got = self.decided(spec, found[spec]["tags"])
            old = found[spec]["original"]
            same = (got.get("launcher") or {}).get("kind", "error" if "error" in got else "none") == old["kind"]
            if same and old["kind"] == "local":
                same = got["launcher"]["id"] == f"local[{old['group_index']}]"
            self.assertFalse(same, spec)


class Checks(unittest.TestCase):
    def test_right_answers_pass(self) -> None:
        for seed in range(60):
            launchers: list[Launcher] = load_launchers(emit(Maker(seed).file()))
            specs = Specs(launchers, seed)
            for _ in range(5):
                spec, (kind, tags) = specs.spec(), specs.scope()
                try:
                    got = answer(launchers, kind, tags, spec)
                except SpecError:
                    continue
                self.assertEqual(check(got, launchers, kind, tags, spec).problems, [], (seed, spec))

    def test_every_mutant_is_noticed(self) -> None:
        applied, missed = mutants.run(seed=1, times=4)
        self.assertEqual(missed, [])
        self.assertEqual([name for name in mutants.MUTANTS if not applied[name]], [])

    def test_files_are_read_as_they_were_made(self) -> None:
        for seed in range(60):
            data = Maker(seed).file()
            self.assertEqual(load_yaml(emit(data)), data)


class TypedOptions(unittest.TestCase):
    def test_formulas_are_read_from_left_to_right(self) -> None:
        for text, want in (("a", ["a"]), ("a&b|c", ["ab", "c"]), ("a|b&c", ["ac", "bc"]), ("a&(b|c)", ["ab", "ac"]),
                           ("(a&b)|(c&d)", ["ab", "cd"]), ("(a|b)&(c|d)", ["ac", "ad", "bc", "bd"]), ("a|a", ["a"])):
            self.assertEqual(user_formula(text), [frozenset(w) for w in want], text)

    def test_gres(self) -> None:
        for text, want in (("gpu", Gres(True, 1, None, [])), ("gpu:2", Gres(True, 2, None, [])),
                           ("gpu:a100", Gres(True, 1, "a100", [])), ("gpu:3080:2", Gres(True, 2, "3080", [])),
                           ("shard:1,gpu:2", Gres(True, 2, None, ["shard:1"])), ("nic:mlx:2", Gres(False, 0, None, ["nic:mlx:2"]))):
            self.assertEqual(read_gres(text), want)

    def test_nothing_typed_is_the_choice_of_the_oracle(self) -> None:
        for seed in range(80):
            data = Maker(seed).file()
            data.pop("local", None)
            launchers = load_launchers(emit(data))
            specs = Specs(launchers, seed)
            for _ in range(5):
                spec, (_, tags) = specs.spec(), specs.scope()
                try:
                    alternatives = parse_spec(spec)
                except SpecError:
                    continue
                want, got = decide(launchers, "slurm", tags, alternatives), expect(launchers, tags, alternatives, Typed({}))
                self.assertEqual(want.alternative, got.alternative, (seed, spec))
                self.assertEqual([want.best] if want.best else [], got.rows, (seed, spec))

    def first(self, text: str, spec: str, **options: str) -> list[int]:
        launcher = load_launchers(SLURM + text)[0]
        return [r.index for r in View(launcher, parse_spec(spec)[0], Typed(options)).first()]

    def test_each_restricts(self) -> None:
        text = ("  partitions:\n"
                "    p: {nodes: [{hosts: 'n[1-2]', features: a, configuration: {gpu: {count: 1, gres_type: x}}}]}\n"
                "    q: {qos: [s], nodes: [{hosts: n3, features: b, configuration: {max_duration: 1h, gpu: {count: 1}}}]}\n")
        self.assertEqual(self.first(text, "cuda()"), [0])
        self.assertEqual(self.first(text, "cuda()", partition="q"), [1])
        self.assertEqual(self.first(text, "cuda()", partition="q", qos="t"), [])
        self.assertEqual(self.first(text, "cuda()", qos="t"), [0])
        self.assertEqual(self.first(text, "cuda()", constraint="b"), [1])
        self.assertEqual(self.first(text, "cuda()", constraint="b&elsewhere"), [1])
        self.assertEqual(self.first(text, "cuda()", exclude="n1"), [0])
        self.assertEqual(self.first(text, "cuda()", exclude="n[1-2]"), [1])
        self.assertEqual(self.first(text, "cuda()", exclude="n[1-2]", time="7200"), [])
        self.assertEqual(self.first(text, "cuda()", nodelist="n3"), [1])
        self.assertEqual(self.first(text, "cuda()", nodelist="n2,n3"), [])
        self.assertEqual(self.first(text, "cuda()", gres="gpu:y"), [1])

    def test_a_type_keeps_leaks_out_and_may_be_one(self) -> None:
        card = "configuration: {gpu: {count: 2, memory: %s, gres_type: %s}}"
        text = "  partitions: {p: {nodes: [{%s}, {%s}]}}\n" % (card % ("80G", "big"), card % ("8G", "small"))
        self.assertEqual(self.first(text, "cuda(mem=40G)", gres="gpu:big"), [0])
        self.assertEqual(self.first(text, "cuda(mem=40G)", gres="gpu:small"), [])
        mixed = "configuration: {gpu: [{count: 1, memory: 80G, gres_type: big}, {count: 1, memory: 80G}]}"
        text = "  partitions: {p: {nodes: [{%s}, {%s}]}}\n" % (card % ("80G", "big"), mixed)
        self.assertEqual(self.first(text, "cuda(mem=40G)*2", gres="gpu:2"), [0])
        self.assertEqual(self.first(text, "cuda(mem=40G)*2", gres="gpu:big:2"), [])

    def test_contradictions(self) -> None:
        launcher = load_launchers(SLURM + "  use_memory_constraint: false\n  partitions: {p: {configuration: "
                                  "{cpu: {mem_per_cpu: 1GiB}}}}\n")[0]
        alt = parse_spec("cuda() & cpu(mem=4GiB) & duration=90s")[0]
        for options, want in (({"gres": "gpu:2"}, {"gres"}), ({"gres": "shard:2"}, set()), ({"time": "120"}, set()),
                              ({"time": "121"}, {"time"}), ({"cpus_per_task": "4"}, set()), ({"mem": "4294967296"}, set()),
                              ({"cpus_per_task": "3"}, {"cpus_per_task"}), ({"mem": "4000000000"}, {"mem"}),
                              ({"mem_per_cpu": "1073741824"}, set()), ({"mem_per_cpu": "1000000000"}, {"mem_per_cpu"})):
            self.assertEqual(contradictions(alt, launcher, launcher.rows[0], Typed(options))[0], want, options)


if __name__ == "__main__":
    unittest.main()
