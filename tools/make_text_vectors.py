#!/usr/bin/env python3
"""Writes tests/data/text/: what ftfy and Hugging Face tokenizers make of texts, for the unit tests of engine/text/.

Usage: python3 tools/make_text_vectors.py tests/data/text     (needs ftfy 6.x, sentencepiece, tokenizers)
"""

import base64
import html
import json
import pathlib
import random
import re
import sys
import tempfile

import ftfy
import sentencepiece
import tokenizers
from ftfy import chardata

PLAIN = ["café “quoted” don’t", "voilà le travail", "às vezes àquele", "naïve à la carte — bien…", "Привет, мир", "Γειά σου",
         "日本語 中文", "🐶 dog 😍", "Łódź żółć", "العربية", "हिन्दी", "½ × ÷ ± 5°C", "£100 €5 ¢ ¥", "¿Qué? ¡Sí!", "Ünïcödé ñ"]
CLEANING = ["", " \n\t ", "a\u00a0b\u2028c\u3000d", "ﬁne ĳ ŉ ǆ ﬅ", "ＬＯＵＤ　ｶﾞ＇＂", "a\u0301 e\u0308 A\u030a", "x\x07\ufeffy\u200bz\u206a\ufffc",
            "\x1b[36;44mblue\x1b[0m \x1b[٣m", "one\r\ntwo\rthree\x85four\x0bfive", "‘a’ ‚b‛ “c” „d‟ ʼ",
            "&amp;amp;lt; &amp;lt;", "<b>&amp;amp;lt;", "a\n&amp;amp;lt;\n<\n&amp;amp;lt;", "R&D AT&T &copy 2024 &notit; &NOTIT;", "P&EACUTE;REZ &SZLIG;",
            "&#233;&#x1F600;&#128;&#0;&#xD800;&#x110000;&#1;&#xFFFE;&#13;", "&#59; &#x3b; &#; &#x; &#12a; &#99999999999;", "&CounterClockwiseContourIntegral; &fjlig;",
            "À\x80 í\xa0½í¸\x8d ", "Ã©À\n", "â€œ like this â€\ufffd", "Ã la mode Ã quele", "broken Ã\ufffd ã\ufffd¢ Â? ðŸ\ufffd¶"]


def clean(text):
    text = html.unescape(html.unescape(ftfy.fix_text(text)))
    return re.sub(r"\s+", " ", text).strip()


def misread(text, source, times=1):
    """The text after someone decoded its UTF-8 as something else."""
    for _ in range(times):
        encoding = source.choice(chardata.CHARMAP_ENCODINGS)
        try:
            text = text.encode().decode(encoding)
        except UnicodeDecodeError:
            pass
    return text.replace("\xa0", " ") if source.random() < 0.3 else text


def clean_vectors():
    source = random.Random(20240)
    texts = list(CLEANING) + [c for text in PLAIN for c in (text, misread(text, source), misread(text, source, 2))]
    for _ in range(150):
        parts = [misread(source.choice(PLAIN), source, source.randrange(3))[: source.randrange(2, 14)] for _ in range(source.randrange(1, 4))]
        texts.append(" ".join(parts))
    return [{"text": text, "fixed": ftfy.fix_text(text), "unescaped": html.unescape(text), "cleaned": clean(text)} for text in texts]


CORPUS = ["the cat sat on the mat", "a dog barks at the cat", "rain falls on the old roof", "the old dog and the cat sat"] * 20
RULES = {"ﬁ": "fi", "½": "1/2", "e\u0301": "é", "\u00a0": " ", "\u200b": " ", "ﷺ": "x y"}


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """The (number, value) pairs of a protobuf message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            length, at = varint(data, at) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], at)
            value, at = data[at : at + length], at + length
        yield key >> 3, value


def train(folder):
    rules, corpus = folder / "rules.tsv", folder / "corpus.txt"
    rules.write_text("".join(" ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) + "\n" for a, b in RULES.items()))
    corpus.write_text("\n".join(CORPUS))
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(folder / "spiece"), vocab_size=300, byte_fallback=True, pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
        normalization_rule_tsv=str(rules), hard_vocab_limit=False, minloglevel=2)
    return folder / "spiece.model"


def tokenizer_json(model, normalizer, pre_tokenizer, byte_fallback, strips=False):
    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    vocab = [[processor.id_to_piece(i), processor.get_score(i)] for i in range(processor.get_piece_size())]
    specials = ["<pad>", "</s>", "<unk>", "<x>", "<xy>"]
    vocab += [["<x>", 0.0], ["<xy>", 0.0]]
    ids = {name: next(i for i, (piece, _) in enumerate(vocab) if piece == name) for name in specials}
    added = [{"id": ids[name], "content": name, "single_word": False, "lstrip": strips and name != "<x>", "rstrip": strips and name != "<xy>",
              "normalized": False, "special": True} for name in specials]
    end = {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
           "pair": [{"Sequence": {"id": "A", "type_id": 0}}], "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": normalizer, "pre_tokenizer": pre_tokenizer,
            "post_processor": end, "decoder": None, "model": {"type": "Unigram", "unk_id": 2, "vocab": vocab, "byte_fallback": byte_fallback}}


def tokenizer_files(model):
    normalizer_spec = dict(fields(dict(fields(model.read_bytes()))[3]))
    charsmap = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(normalizer_spec[2]).decode()}
    squeeze = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
    signs = lambda scheme, split=True: {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}
    words = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, signs("always")]}
    return {
        "charsmap_bytes": tokenizer_json(model, {"type": "Sequence", "normalizers": [charsmap, squeeze]}, signs("always"), True),
        "words_unknown": tokenizer_json(model, {"type": "Sequence", "normalizers": [{"type": "Strip", "strip_left": False, "strip_right": True}, charsmap]}, words, False),
        "first_nfkc": tokenizer_json(model, {"type": "NFKC"}, signs("first"), True),
        "whole_strips": tokenizer_json(model, {"type": "Replace", "pattern": {"String": "cat"}, "content": "dog "}, signs("never", False), False, strips=True),
    }


def tokenizer_vectors(files, folder):
    source = random.Random(20241)
    words = [w for line in CORPUS[:4] for w in line.split()]
    odd = ["<x>", "<xy>", "<x", "</s>", "<unk>", "<0x41>", "▁", "ﬁ", "½", "e\u0301", "e\u0301\u0302", "é", "\u00a0", "\u200b", "ﷺ", "🐶", "日本", "  ", "Q"]
    texts = ["", " ", "  the  cat ", "<x>", " <x> ", "the<xy>cat"]
    texts += ["".join(source.choice(words if source.random() < 0.5 else odd) + source.choice(["", " "]) for _ in range(source.randrange(1, 9))) for _ in range(60)]
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False) + "\n")
        reference = tokenizers.Tokenizer.from_file(str(folder / f"{name}.json"))
        yield from ({"file": f"{name}.json", "text": text, "ids": reference.encode(text).ids} for text in texts)


def write(path, rows):
    path.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


def main():
    folder = pathlib.Path(sys.argv[1])
    write(folder / "clean_vectors.json", clean_vectors())
    with tempfile.TemporaryDirectory() as scratch:
        files = tokenizer_files(train(pathlib.Path(scratch)))
    write(folder / "tokenizer_vectors.json", tokenizer_vectors(files, folder))


if __name__ == "__main__":
    main()
