"""Prometheus metrics of the partner's quota."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

WAITING = Gauge("lba_jobs_partner_waiting", "Requests that wait for their turn at the partner.")
IN_FLIGHT = Gauge("lba_jobs_partner_in_flight", "Requests that the partner has not answered yet.")
GRANTED = Counter("lba_jobs_partner_granted_total", "Turns at the partner given to a request.")
REFUSED = Counter(
    "lba_jobs_partner_refused_total",
    "Requests refused a turn: share (the caller has too many waiting), late (no turn in time), "
    "overtaken (the time passed while others went first), held (the partner asked us to wait).",
    ["reason"],
)
SAVED = Counter(
    "lba_jobs_partner_saved_total",
    "Requests that the partner was spared: form (no id of an offer), unknown (id known to have no offer), "
    "seen (offer of a recent search), cached (recent answer), page (page of a search cut short).",
    ["reason"],
)
