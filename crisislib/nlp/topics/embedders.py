"""One door for text vectors: learned offline from the posts, or from a model that the user has."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from pydantic import BaseModel, ValidationError
from sklearn.preprocessing import normalize

from crisislib.core.errors import ModelError, SourceError
from crisislib.core.i18n import N_
from crisislib.nlp.topics.vectors import F32

Encode = Callable[[Sequence[str]], Any]

OFFLINE = "offline"
URL = "CRISIS_EMBED_URL"
"""Environment variable with the address of an embedding endpoint, up to before `/embeddings`."""
_BATCH = 256
"""Texts encoded at once: fits the memory of a laptop and the limits of endpoints."""


class _Row(BaseModel):
    index: int
    embedding: list[float]


class _Answer(BaseModel):
    """What of an answer of `/embeddings` is read."""

    data: list[_Row]


INSTALL: dict[str, tuple[tuple[str, ...], str]] = {
    "sentence-transformers": (("sentence_transformers",), "'crisislib[embed]'"),
    "model2vec": (("model2vec",), "model2vec"),
    "onnx": (("onnxruntime", "tokenizers"), "onnxruntime tokenizers"),
    "openai": ((), ""),
}
"""Kind of embedder -> packages that it needs beside the default installation, and what installs them."""
_FILES = ("model.onnx", "tokenizer.json")


def _need(kind: str) -> list[Any]:
    """The packages of a kind."""
    return [importlib.import_module(package) for package in INSTALL[kind][0]]


def _sentence_transformers(name: str) -> Encode:
    (package,) = _need("sentence-transformers")
    model = package.SentenceTransformer(name)
    return lambda texts: model.encode(list(texts), batch_size=_BATCH)


def _model2vec(name: str) -> Encode:
    (package,) = _need("model2vec")
    model = package.StaticModel.from_pretrained(name)
    return lambda texts: model.encode(list(texts))


def _onnx(folder: str) -> Encode:
    """A folder with `model.onnx` and `tokenizer.json`; mean over the last hidden state."""
    runtime, tokenizers = _need("onnx")
    home = Path(folder)
    session = runtime.InferenceSession(str(home / "model.onnx"), providers=["CPUExecutionProvider"])
    tokenizer = tokenizers.Tokenizer.from_file(str(home / "tokenizer.json"))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(256)
    wanted = {entry.name for entry in session.get_inputs()}

    def encode(texts: Sequence[str]) -> Any:
        out = []
        for at in range(0, len(texts), _BATCH):
            coded = tokenizer.encode_batch(list(texts[at : at + _BATCH]))
            ids = np.array([c.ids for c in coded], np.int64)
            mask = np.array([c.attention_mask for c in coded], np.int64)
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            hidden = session.run(None, {name: value for name, value in feed.items() if name in wanted})[0]
            out.append((hidden * mask[:, :, None]).sum(1) / np.maximum(mask.sum(1, keepdims=True), 1))
        return np.concatenate(out)

    return encode


def _openai(name: str) -> Encode:
    """An OpenAI-compatible `/embeddings` endpoint: :data:`URL`, and CRISIS_EMBED_KEY where it needs one."""
    base = os.environ[URL]
    key = os.environ.get("CRISIS_EMBED_KEY", "")
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    def encode(texts: Sequence[str]) -> Any:
        rows: list[list[float]] = []
        with httpx.Client(timeout=60, headers=headers) as client:
            for at in range(0, len(texts), _BATCH):
                body = {"model": name, "input": list(texts[at : at + _BATCH])}
                rows += _vectors(client, f"{base.rstrip('/')}/embeddings", body)
        return np.array(rows)

    return encode


def _vectors(client: httpx.Client, url: str, body: dict[str, Any]) -> list[list[float]]:
    try:
        answer = client.post(url, json=body)
        answer.raise_for_status()
        data = _Answer.model_validate_json(answer.content).data
    except (httpx.HTTPError, ValidationError) as fault:
        raise SourceError(
            N_("no embeddings came back: {fault!r}"),
            where=url,
            do=N_("check the address and the model"),
            facts={"fault": fault},
        ) from fault
    rows = [row.embedding for row in sorted(data, key=lambda row: row.index)]
    if len(rows) != len(body["input"]):
        raise SourceError(
            N_("{rows} embeddings for {body} texts"),
            where=url,
            do=N_("check the endpoint"),
            facts={"rows": len(rows), "body": len(body["input"])},
        )
    return rows


EMBEDDERS: dict[str, Callable[[str], Encode]] = {
    "sentence-transformers": _sentence_transformers,
    "model2vec": _model2vec,
    "onnx": _onnx,
    "openai": _openai,
}
"""What stands before the colon of an embedder, besides `offline`; after it stands the model."""


def check(spec: str) -> None:
    """Whether an embedder could be used here: its name, its packages, its files and its address; loads nothing.

    Parameters
    ----------
    spec : str
        `offline`, or kind and model as `onnx:FOLDER`.

    Raises
    ------
    ModelError
        Says what is missing and how to get it.
    """
    kind, _, name = spec.partition(":")
    if spec == OFFLINE:
        return
    where = f"embedder {spec}"
    if kind not in EMBEDDERS or not name:
        known = ", ".join(f"{k}:MODEL" for k in EMBEDDERS)
        raise ModelError(
            N_("there is no embedder {spec!r}"),
            do=N_("use {offline} or one of {known}"),
            facts={"spec": spec, "offline": OFFLINE, "known": known},
        )
    packages, install = INSTALL[kind]
    if missing := [package for package in packages if importlib.util.find_spec(package) is None]:
        raise ModelError(
            N_("the package {missing} is not installed"),
            where=where,
            do=N_("pip install {install}, or use the embedder {offline!r}"),
            facts={"missing": missing[0], "install": install, "offline": OFFLINE},
        )
    if kind == "onnx" and (gone := [file for file in _FILES if not (Path(name) / file).is_file()]):
        raise ModelError(
            N_("{gone} is not in {name}"),
            where=where,
            do=N_("export the model to ONNX into this folder"),
            facts={"gone": gone[0], "name": name},
        )
    if kind == "openai" and not os.environ.get(URL):
        raise ModelError(
            N_("no endpoint is set"),
            where=where,
            do=N_("set {url} to the address that ends before /embeddings"),
            facts={"url": URL},
        )


def encode(spec: str, texts: Sequence[str]) -> F32:
    """Unit vectors of cleaned texts by an embedder other than `offline`.

    Parameters
    ----------
    spec : str
        `kind:model`, such as `sentence-transformers:BAAI/bge-small-zh-v1.5`, `model2vec:FOLDER`,
        `onnx:FOLDER` or `openai:MODEL`.
    texts : sequence of str

    Returns
    -------
    numpy.ndarray of float32, shape (len(texts), dim)

    Raises
    ------
    ModelError
        Unknown kind, a package or file that is missing: says how to get it.
    SourceError
        The endpoint did not answer as it should.
    """
    check(spec)
    kind, _, name = spec.partition(":")
    return np.asarray(normalize(np.asarray(EMBEDDERS[kind](name)(texts), np.float32)), np.float32)
