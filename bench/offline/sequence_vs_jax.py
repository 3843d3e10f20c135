#!/usr/bin/env python3
"""Training of the same SASRec by attune and by JAX on the CPU, in one run, on the same two cores: seconds an epoch and validation NDCG@10.

    python -m venv V && V/bin/pip install jax==0.10.2
    V/bin/python bench/offline/sequence_vs_jax.py build/release/bench_sequence DATA [--epochs 6] [--negatives 256,0] [--cores 0,1]

JAX runs in two designs and the faster one counts: "packed", batches of the same places without padding in one fixed shape, attention
alone on padded sequences; "buckets", sequences of like length together, padded to the longest of their bucket, a compilation each.
Both take the softmax of real places alone, the fast random bits ("rbg") and one jit a step with donated buffers; compilation is not counted.
Same rule of batches (sequences in random order until 2048 places), same network, dropout, Adam and loss; initial weights and order
are drawn by each itself, so the validation figures agree within noise. negatives 0 = softmax over all items.
"""
import argparse, functools, gzip, json, os, subprocess, sys, time

parser = argparse.ArgumentParser()
parser.add_argument("bench")
parser.add_argument("data")
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--negatives", default="256,0")
parser.add_argument("--cores", default="0,1")
parser.add_argument("--dropout", type=float, default=0.3)
args = parser.parse_args()
cores = [int(c) for c in args.cores.split(",")]
os.sched_setaffinity(0, cores)          # children inherit it
os.environ.setdefault("JAX_PLATFORMS", "cpu")
import numpy as np
import jax, jax.numpy as jnp

jax.config.update("jax_default_prng_impl", "rbg")
D, INNER, BLOCKS, LENGTH, PLACES, LR = 64, 256, 2, 50, 2048, 1e-3


def read(folder):
    path = os.path.join(folder, "sequential_data.txt.gz")
    rows = [line.split()[1:] for line in gzip.open(path, "rt") if line.strip()]
    ids = {}
    for line in open(os.path.join(folder, "items.tsv")).read().splitlines()[1:]:
        ids.setdefault(line.split("\t")[0], len(ids))
    return [[ids.setdefault(i, len(ids)) for i in row] for row in rows], ids


sequences, ids = read(args.data)
ITEMS = len(ids)
train = [s[:-2] if len(s) >= 3 else s for s in sequences]
windows = [s[-(LENGTH + 1):] for s in train if len(s) >= 2]
cases = [(s[:-2], s[-2]) for s in sequences if len(s) >= 3]
N = PLACES + LENGTH                     # a batch is complete when it holds PLACES or more
S = 400                                 # most sequences of a packed batch


def batches(order):
    at = 0
    while at < len(order):
        ids, targets, row, col, real, sequences_in = np.zeros(N, np.int32), np.zeros(N, np.int32), np.full(N, S, np.int32), np.zeros(N, np.int32), np.zeros(N, np.float32), 0
        n = 0
        while at < len(order) and n < PLACES and sequences_in < S:
            w = windows[order[at]]
            k = len(w) - 1
            ids[n:n + k], targets[n:n + k], row[n:n + k], col[n:n + k], real[n:n + k] = w[:-1], w[1:], sequences_in, np.arange(k), 1
            n, at, sequences_in = n + k, at + 1, sequences_in + 1
        yield ids, targets, row, col, real


BUCKETS = (4, 6, 10, 20, LENGTH)
members = [[i for i, w in enumerate(windows) if low < len(w) - 1 <= high] for low, high in zip((0,) + BUCKETS, BUCKETS)]
widths = [int(PLACES / np.mean([len(windows[i]) - 1 for i in m])) + 1 for m in members]


def bucketed(random):
    parts = []
    for bucket, m in enumerate(members):
        m = random.permutation(m)
        parts += [(bucket, m[at:at + widths[bucket]]) for at in range(0, len(m), widths[bucket])]
    for k in random.permutation(len(parts)):
        bucket, chosen = parts[k]
        ids, targets, place = np.zeros((widths[bucket], BUCKETS[bucket]), np.int32), [], []
        for r, i in enumerate(chosen):
            w = windows[i]
            ids[r, :len(w) - 1] = w[:-1]
            targets += w[1:]
            place += range(r * BUCKETS[bucket], r * BUCKETS[bucket] + len(w) - 1)
        size = PLACES + PLACES // 4      # a bucket's sequences vary in length: room for all their places
        n = min(len(place), size)
        real = np.zeros(size, np.float32)
        real[:n] = 1
        yield ids, np.pad(targets[:n], (0, size - n)).astype(np.int32), np.pad(place[:n], (0, size - n)).astype(np.int32), real


def normal(key, *shape):
    return 0.02 * jax.random.normal(key, shape, jnp.float32)


def drawn(key):
    k = iter(jax.random.split(key, 1 + 4 * BLOCKS))
    blocks = [dict(qkv=normal(next(k), D, 3 * D), qkv_b=jnp.zeros(3 * D), out=normal(next(k), D, D), out_b=jnp.zeros(D), g1=jnp.ones(D), b1=jnp.zeros(D), dist=jnp.zeros(LENGTH),
                   up=normal(next(k), D, INNER), up_b=jnp.zeros(INNER), down=normal(next(k), INNER, D), down_b=jnp.zeros(D), g2=jnp.ones(D), b2=jnp.zeros(D)) for _ in range(BLOCKS)]
    return dict(items=normal(next(k), ITEMS, D), g0=jnp.ones(D), b0=jnp.zeros(D), blocks=blocks)


def norm(x, g, b):
    m = x.mean(-1, keepdims=True)
    v = jnp.square(x - m).mean(-1, keepdims=True)
    return (x - m) * jax.lax.rsqrt(v + 1e-12) * g + b


def drop(x, key, share):
    return x if key is None or share == 0 else jnp.where(jax.random.bernoulli(key, 1 - share, x.shape), x / (1 - share), 0)


FAR = np.arange(LENGTH)[:, None] - np.arange(LENGTH)[None, :]


def states(w, ids, row, col, key, share, rows):
    keys = iter(jax.random.split(key, 1 + 3 * BLOCKS)) if key is not None else iter([None] * (1 + 3 * BLOCKS))
    x = drop(norm(w["items"][ids], w["g0"], w["b0"]), next(keys), share)
    for b in w["blocks"]:
        qkv = x @ b["qkv"] + b["qkv_b"]
        padded = jnp.zeros((rows, LENGTH, 3 * D)).at[row, col].set(qkv, mode="drop")
        q, k, v = jnp.split(padded, 3, -1)
        scores = jnp.einsum("std,sud->stu", q, k) / np.sqrt(D) + jnp.where(FAR >= 0, b["dist"][np.maximum(FAR, 0)], -1e9)
        a = drop(jax.nn.softmax(scores, -1), next(keys), share)
        context = jnp.einsum("stu,sud->std", a, v)[jnp.minimum(row, rows - 1), col]
        h = norm(x + drop(context @ b["out"] + b["out_b"], next(keys), share), b["g1"], b["b1"])
        u = h @ b["up"] + b["up_b"]
        x = norm(h + drop((u * jax.nn.sigmoid(1.702 * u)) @ b["down"] + b["down_b"], next(keys), share), b["g2"], b["b2"])
    return x


def padded_states(w, ids, key, share):
    keys = iter(jax.random.split(key, 1 + 3 * BLOCKS)) if key is not None else iter([None] * (1 + 3 * BLOCKS))
    n = ids.shape[1]
    far = FAR[:n, :n]
    x = drop(norm(w["items"][ids], w["g0"], w["b0"]), next(keys), share)
    for b in w["blocks"]:
        q, k, v = jnp.split(x @ b["qkv"] + b["qkv_b"], 3, -1)
        scores = jnp.einsum("std,sud->stu", q, k) / np.sqrt(D) + jnp.where(far >= 0, b["dist"][np.maximum(far, 0)], -1e9)
        a = drop(jax.nn.softmax(scores, -1), next(keys), share)
        h = norm(x + drop(jnp.einsum("stu,sud->std", a, v) @ b["out"] + b["out_b"], next(keys), share), b["g1"], b["b1"])
        u = h @ b["up"] + b["up_b"]
        x = norm(h + drop((u * jax.nn.sigmoid(1.702 * u)) @ b["down"] + b["down_b"], next(keys), share), b["g2"], b["b2"])
    return x


def loss_of(w, batch, key, negatives):
    key, other = jax.random.split(key)
    if len(batch) == 5:
        ids, targets, row, col, real = batch
        x = states(w, ids, row, col, key, args.dropout, S)
    else:
        ids, targets, place, real = batch
        x = padded_states(w, ids, key, args.dropout).reshape(-1, D)[place]
    of_target = (x * w["items"][targets]).sum(-1)
    if negatives == 0:
        total = jax.nn.logsumexp(x @ w["items"].T, -1)
    else:
        picked = jax.random.randint(other, (negatives,), 0, ITEMS)
        scores = jnp.where(picked[None, :] == targets[:, None], -1e9, x @ w["items"][picked].T)
        total = jax.nn.logsumexp(jnp.concatenate([scores, of_target[:, None]], 1), -1)
    return ((total - of_target) * real).sum() / real.sum()


@functools.partial(jax.jit, static_argnames="negatives", donate_argnums=(0, 1, 2))
def step(w, m, v, t, batch, key, negatives):
    loss, g = jax.value_and_grad(loss_of)(w, batch, key, negatives)
    rate = LR * jnp.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    w = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), w, m, v)
    return w, m, v, loss


@jax.jit
def last_scores(w, ids, lengths):
    return padded_states(w, ids, None, 0)[jnp.arange(ids.shape[0]), lengths - 1] @ w["items"].T


def ndcg(w):
    total = 0.0
    for at in range(0, len(cases), 256):
        part = cases[at:at + 256]
        ids, lengths = np.zeros((256, LENGTH), np.int32), np.ones(256, np.int32)
        for r, (history, _) in enumerate(part):
            h = history[-LENGTH:]
            ids[r, :len(h)], lengths[r] = h, len(h)
        scores = np.array(last_scores(w, ids, lengths))
        for r, (history, target) in enumerate(part):
            bar = scores[r, target]
            scores[r, history] = -np.inf
            above = (scores[r] > bar).sum()
            if above < 10 and target not in history:
                total += 1 / np.log2(above + 2)
    return total / len(cases)


def run_jax(negatives, design):
    epoch = (lambda random: batches(random.permutation(len(windows)))) if design == "packed" else bucketed
    w = drawn(jax.random.key(42))
    m, v = jax.tree.map(jnp.zeros_like, w), jax.tree.map(jnp.zeros_like, w)
    random, t, wall, cpu = np.random.default_rng(42), 0, [], []
    seen = set()
    for batch in epoch(np.random.default_rng(1)):      # compilation, once a shape
        if batch[0].shape in seen:
            continue
        seen.add(batch[0].shape)
        jax.block_until_ready(step(*jax.tree.map(jnp.copy, (w, m, v)), 1.0, batch, jax.random.key(1), negatives))
    for _ in range(args.epochs):
        began, cpu_began = time.time(), time.process_time()
        for batch in epoch(random):
            t += 1
            w, m, v, loss = step(w, m, v, float(t), batch, jax.random.fold_in(jax.random.key(7), t), negatives)
        jax.block_until_ready(w)
        wall.append(time.time() - began)
        cpu.append(time.process_time() - cpu_began)
    return dict(seconds=float(np.median(wall)), cpu=float(np.median(cpu)), ndcg=ndcg(w), design=design)


def run_ours(negatives):
    settings = dict(epochs=args.epochs, patience=0, negatives=negatives, dropout=args.dropout, attention_dropout=args.dropout, batch=PLACES, lr=LR, blocks=BLOCKS, width=D, inner=INNER, length=LENGTH)
    command = [args.bench, args.data, "--model", "sasrec", "--no-test"] + [word for k, v in settings.items() for word in ("--set", f"{k}={v}")]
    line = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    return dict(seconds=line["epoch_seconds"], cpu=line["epoch_cpu_seconds"], ndcg=line["validation_ndcg@10"], best_epoch=line["settings"]["epochs"], commit=line["commit"])


for negatives in (int(n) for n in args.negatives.split(",")):
    ours, both = run_ours(negatives), [run_jax(negatives, design) for design in ("packed", "buckets")]
    theirs = min(both, key=lambda r: r["seconds"])
    print(json.dumps({"bench": "sequence_vs_jax", "set": os.path.basename(os.path.normpath(args.data)), "negatives": negatives, "epochs": args.epochs, "cores": len(cores),
                      "ours_epoch_seconds": round(ours["seconds"], 2), "jax_epoch_seconds": round(theirs["seconds"], 2),
                      "ours_epoch_cpu_seconds": round(ours["cpu"], 2), "jax_epoch_cpu_seconds": round(theirs["cpu"], 2),
                      "ours_validation_ndcg@10": round(ours["ndcg"], 5), "jax_validation_ndcg@10": round(theirs["ndcg"], 5), "ours_best_epoch": ours["best_epoch"],
                      "jax_design": theirs["design"], "jax_other_design_epoch_seconds": round(max(r["seconds"] for r in both), 2), "jax": jax.__version__, "commit": ours["commit"]}), flush=True)
