"""One module a line of the table of bars: its `run` returns the lines measured."""

from tests.benchmark.cases import (
    call,
    history,
    idle,
    ingest,
    job,
    lists,
    loss,
    measure,
    memory,
    request,
    span,
    start,
    watching,
)

CASES = {
    "measure": measure,
    "span": span,
    "request": request,
    "ingest": ingest,
    "history": history,
    "lists": lists,
    "memory": memory,
    "job": job,
    "loss": loss,
    "start": start,
    "call": call,
    "idle": idle,
    "watching": watching,
}
