#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print what a large Slurm cluster would: nodes.py nodes|partitions|config|qos|users|assoc [NODES [USERS]]"""
import sys

KINDS = [
    ("avx2,cpu", "(null)", 64, 256000, "cpu"),
    ("avx512,cpu", "(null)", 128, 512000, "cpu"),
    ("avx512,bigmem", "(null)", 128, 2048000, "cpu"),
    ("v100,GPUM32G", "gpu:v100:4(S:0-1)", 40, 384000, "gpu"),
    ("a100,nvlink", "gpu:nvidia_a100-sxm4-80gb:8(S:0-7)", 128, 1024000, "gpu"),
    ("a100,mig", "gpu:a100_1g.10gb:28,gpu:a100_3g.40gb:8,shard:64", 128, 1024000, "gpu"),
    ("h100,nvlink", "gpu:h100:8", 192, 2048000, "gpu"),
    ("mi250x", "gpu:mi250x:8", 64, 512000, "gpu"),
]


def node(i, total):
    features, gres, cpus, memory, partition = KINDS[i * len(KINDS) // total]
    return f"""NodeName=node{i:05d} Arch=x86_64 CoresPerSocket={cpus // 2}
   CPUAlloc={i % cpus} CPUEfctv={cpus} CPUTot={cpus} CPULoad={i % 100}.{i % 97:02d}
   AvailableFeatures={features},rack{i // 64 % 4}
   ActiveFeatures={features},rack{i // 64 % 4}
   Gres={gres}
   NodeAddr=node{i:05d} NodeHostName=node{i:05d} Version=22.05.8
   OS=Linux 5.14.0-503.el9.x86_64 #1 SMP PREEMPT_DYNAMIC Wed Nov 13 12:00:00 UTC 2024
   RealMemory={memory} AllocMem={i} FreeMem={memory - i} Sockets=2 Boards=1
   State=MIXED ThreadsPerCore=1 TmpDisk=0 Weight=1 Owner=N/A MCS_label=N/A
   Partitions={partition},all
   BootTime=2026-11-22T20:03:38 SlurmdStartTime=2026-11-22T20:50:36
   LastBusyTime=2026-11-22T20:50:41
   CfgTRES=cpu={cpus},mem={memory}M,billing={cpus}
   AllocTRES=cpu={i % cpus}
   CapWatts=n/a
   CurrentWatts=0 AveWatts=0
   ExtSensorsJoules=n/s ExtSensorsWatts=0 ExtSensorsTemp=n/s
   Reason=Gres=gpu:0 looked wrong : checked [root@2026-11-01T10:00:00]

"""


def partition(name, nodes):
    return f"""PartitionName={name}
   AllowGroups=ALL AllowAccounts=ALL AllowQos=ALL
   AllocNodes=ALL Default=NO QoS=N/A
   MaxNodes=UNLIMITED MaxTime=2-00:00:00 MinNodes=0 LLN=NO MaxCPUsPerNode=UNLIMITED
   Nodes={nodes}
   PriorityJobFactor=1 PriorityTier=1 RootOnly=NO ReqResv=NO OverSubscribe=NO
   State=UP TotalCPUs=1 TotalNodes=1 SelectTypeParameters=NONE
   JobDefaults=DefCpuPerGPU=8
   DefMemPerCPU=2000 MaxMemPerNode=UNLIMITED

"""


def main():
    what = sys.argv[1]
    nodes = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    users = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    out = sys.stdout.write
    if what == "nodes":
        for i in range(nodes):
            out(node(i, nodes))
    elif what == "partitions":
        gpu = -(-3 * nodes // len(KINDS))
        out(partition("cpu", f"node[00000-{gpu - 1:05d}]"))
        out(partition("gpu", f"node[{gpu:05d}-{nodes - 1:05d}]"))
        out(partition("all", f"node[00000-{nodes - 1:05d}]"))
    elif what == "config":
        out("AccountingStorageEnforce = associations,limits,qos\nClusterName = big\nSLURM_VERSION = 22.05.8\n")
    elif what == "qos":
        out("normal|0||\nshort|10|01:00:00|\nlong|0|7-00:00:00|\ngpu|5|1-00:00:00|gres/gpu=1\n")
    elif what == "users":
        for i in range(users):
            out(f"user{i:05d}|lab{i % 500:03d}\n")
    elif what == "assoc":
        for i in range(users):
            for lab in {i % 500, i * 7 % 500}:
                out(f"big|lab{lab:03d}|user{i:05d}||gpu,{'long,' if lab % 3 else ''}normal,short|normal\n")


main()
