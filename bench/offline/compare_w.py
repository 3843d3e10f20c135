#!/usr/bin/env python3
"""Holds W of bench_next_item --w OUT.npy against a reference's --npz FILE (its array W): one JSON line.

  compare_w.py OURS.npy REFERENCE.npz
Bar: the largest difference is under 1e-3 of the largest entry (exit status 1 otherwise). Needs numpy.
"""
import json, sys
import numpy as np

ours, reference = np.load(sys.argv[1], mmap_mode="r"), np.load(sys.argv[2])["W"]
assert ours.shape == reference.shape, (ours.shape, reference.shape)
scale = float(np.abs(reference).max())
gaps = [np.abs(ours[r:r + 512] - reference[r:r + 512]) for r in range(0, len(ours), 512)]
largest = max(float(g.max()) for g in gaps)
mean = sum(float(g.sum()) for g in gaps) / ours.size
print(json.dumps({"bench": "compare_w", "items": len(ours), "largest_difference": largest, "mean_difference": mean,
                  "largest_entry": scale, "share": largest / scale, "bar": 1e-3}))
sys.exit(0 if largest < 1e-3 * scale else 1)
