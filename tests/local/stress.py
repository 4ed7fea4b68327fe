#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fifty runners at once over 8 cores, 2 fake GPUs and 3 tokens, a third of them killed at random moments.

    stress.py XPM_LOCAL STRESS_JOB [SECONDS]

The jobs themselves check, outside the ledger, that nothing is given twice (see stress_job.c). As root, every second
runner is user nobody's. With DAMAGE=1 somebody also tears at the ledger's files all the time.
"""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

LAUNCHERS = """\
tokens:
  licence: {count: 3}
local:
- id: licensed
  tags: [licence]
  cpu: {cores: 8, memory: 64GiB}
  gpu: {count: 2, memory: 16GiB, kind: cuda}
  tokens: {licence: 1}
- id: plain
  weight: -1
  tags: [plain]
  cpu: {cores: 8, memory: 64GiB}
  gpu: {count: 2, memory: 16GiB, kind: cuda}
"""
NOBODY = 65534
RUNNERS = 50


class Stress:
    def __init__(self, program, job, seconds, folder):
        self.program, self.job, self.folder = program, job, folder
        self.end = time.monotonic() + seconds
        self.ledger, self.claims = folder + "/ledger", folder + "/claims"
        self.two_users = os.geteuid() == 0
        self.lock = threading.Lock()
        self.count = {"started": 0, "killed": 0, "keeper_killed": 0, "ran": 0}
        self.wrong = []
        for path, mode in ((folder, 0o755), (self.ledger, 0o1777), (self.claims, 0o755), (self.claims + "/runs", 0o777)):
            os.makedirs(path, exist_ok=True)
            os.chmod(path, mode)
        names = ["core-%d" % i for i in range(8)] + ["gpu-0", "gpu-1", "token-0", "token-1", "token-2", "violations"]
        for name in names:
            with open(f"{self.claims}/{name}", "w"):
                pass
            os.chmod(f"{self.claims}/{name}", 0o666)
        with open(folder + "/launchers.yaml", "w") as out:
            out.write(LAUNCHERS)
        self.env = dict(os.environ, XPM_LEDGER=self.ledger, XPM_LAUNCHERS=folder + "/launchers.yaml",
                        CLAIMS=self.claims, HWLOC_SYNTHETIC="[numa(memory=137438953472)] core:8 pu:1")
        shim = os.path.dirname(os.path.abspath(program)) + "/local/shim"
        if os.path.isdir(shim):  # a build tree
            self.env["XPM_SHIM_DIR"] = shim
        self.env.pop("XDG_RUNTIME_DIR", None)

    def keeper_of(self, pid):
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as children:
                first = children.read().split()
            return int(first[0]) if first else None
        except OSError:
            return None

    def kill(self, process, rng):
        """One of the two processes that hold a job, or both in quick succession."""
        time.sleep(rng.random() * rng.choice((0.02, 0.3, 1.5)))
        victims = [process.pid]
        keeper = self.keeper_of(process.pid)
        if keeper and rng.random() < 0.3:
            victims = [keeper]
        killed = False
        for victim in victims:
            if process.poll() is None:
                try:
                    os.kill(victim, signal.SIGKILL)
                    killed = True
                except ProcessLookupError:
                    pass
        with self.lock:
            self.count["keeper_killed" if victims[0] != process.pid else "killed"] += killed
        return killed

    def one(self, number, turn, rng):
        name = f"{number}-{turn}"
        spec = f"cpu(cores={rng.choice((1, 1, 1, 2, 3, 8))}, mem={rng.choice((1, 4, 20))}GiB)"
        if rng.random() < 0.4:
            spec += rng.choice((" & cuda(mem=8G)", " & gpu()*2"))
        tag = "licence" if rng.random() < 0.3 else "plain"
        argv = [self.program, "--quiet", f"--xpm-spec={spec}", f"--xpm-tags={tag}", "--", self.job, name,
                str(rng.choice((0, 5, 30, 100, 300)))]
        if rng.random() < 0.3:
            argv.append("daemon")
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if self.two_users and number % 2 else {}
        process = subprocess.Popen(argv, env=self.env, stdin=subprocess.DEVNULL, cwd="/", stderr=subprocess.PIPE,
                                   **user)
        killed = rng.random() < 0.34 and self.kill(process, rng)
        text = process.communicate()[1].decode(errors="replace")
        ran = os.path.exists(f"{self.claims}/runs/{name}")
        with self.lock:
            self.count["started"] += 1
            self.count["ran"] += ran
            if not killed and (process.returncode != 0 or not ran):
                self.wrong.append(f"{name} ({spec}, {tag}): status {process.returncode}, ran {ran}: {text.strip()}")

    def runner(self, number):
        rng = random.Random(number)
        turn = 0
        while time.monotonic() < self.end:
            self.one(number, turn, rng)
            turn += 1

    def damage(self):
        rng = random.Random(4711)
        while time.monotonic() < self.end:
            time.sleep(0.02)
            files = [f for f in os.listdir(self.ledger) if f.endswith(".job") or f == "last-id"]
            if not files:
                continue
            path = f"{self.ledger}/{rng.choice(files)}"
            try:
                fd = os.open(path, os.O_RDWR)
                if rng.random() < 0.3:
                    os.ftruncate(fd, rng.randrange(9000))
                else:
                    os.pwrite(fd, rng.randbytes(rng.randrange(1, 200)), rng.randrange(8192))
                os.close(fd)
            except OSError:
                pass

    def check_end(self):
        # runners that were killed end their jobs a moment later
        for _ in range(200):
            listed = json.loads(subprocess.run([self.program, "--list", "--format=json"], env=self.env, check=True,
                                               stdout=subprocess.PIPE).stdout)
            # what was damaged and then lost its runner stays for people to see; it holds nothing
            listed = [job for job in listed if not (os.environ.get("DAMAGE") and job["state"] == "damaged")]
            left = subprocess.run(["pgrep", "-f", "-x", f"{self.job} .*"], stdout=subprocess.PIPE).stdout.split()
            if not listed and not left:
                break
            time.sleep(0.05)
        if listed:
            self.wrong.append(f"still in the ledger: {listed}")
        if left:
            self.wrong.append(f"processes left: {left}")
        with open(self.claims + "/violations") as lines:
            self.wrong += lines.read().splitlines()

    def run(self):
        threads = [threading.Thread(target=self.runner, args=(i,)) for i in range(RUNNERS)]
        if os.environ.get("DAMAGE"):
            threads.append(threading.Thread(target=self.damage))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.check_end()
        print(json.dumps(dict(self.count, two_users=self.two_users, wrong=len(self.wrong))))
        for line in self.wrong[:20]:
            print(line)
        return 1 if self.wrong else 0


def main():
    program, job = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 60
    folder = tempfile.mkdtemp(prefix="xpm-stress-")
    try:
        return Stress(program, job, seconds, folder).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


sys.exit(main())
