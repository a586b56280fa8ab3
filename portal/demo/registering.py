"""From a paper to what an archivist types in: fields by record type, parties, tier, department (interface.md, POST /records/)."""

import random
from datetime import timedelta
from typing import Any

from portal.demo.papers import Paper
from portal.demo.people import Company, Person

TODAY_YEAR = 2026
MISSING_IMPORTANT = 0.08  # of the records lack a project: they show what is named as missing (CAP-5)
REASONS = {
    "secret": ("商业秘密目录第3.2条：价格条款", "商业秘密目录第2.1条：客户授信信息", "合同约定的保密义务"),
    "confidential": ("商业秘密目录第1.4条：未公开的并购事项", "商业秘密目录第2.3条：重大融资安排"),
    "top-secret": ("商业秘密目录第1.1条：核心谈判底线", "总经理指定"),
}
TERMS = {"secret": ("P3Y", "P5Y", "P10Y"), "confidential": ("P10Y", "P20Y"), "top-secret": ("P20Y", "P30Y")}
NAMED = ["manager", "registrar", "officer"]
PURPOSES = {
    "identity-document": ("核验签约主体身份", "contract"),
    "customer-card": ("提供置业服务", "consent"),
    "customer-registration": ("购房意向登记与选房", "consent"),
    "complaint": ("处理客户投诉", "contract"),
    "credit-report": ("贷前审查", "consent"),
}


def particulars(rng: random.Random, paper: Paper, *, tier: str = "internal", **more: Any) -> dict[str, Any]:
    """The plain dict of one registration; `more` replaces what would follow from the paper."""
    record_type = paper.meta["record_type"]
    given: dict[str, Any] = {
        "record_type": record_type,
        "title": paper.name,
        "record_class": paper.meta["record_class"],
        "department": paper.meta.get("department") or "sales",
        "fields": FIELDS[record_type](rng, paper),
        "parties": parties(paper),
    }
    if record_type in PURPOSES:
        given["purpose"], given["basis"] = PURPOSES[record_type]
    return given | secrecy(rng, tier) | _ending(paper, tier) | more


def secrecy(rng: random.Random, tier: str) -> dict[str, Any]:
    """What a tier asks for."""
    if tier not in REASONS:
        return {"tier": tier}
    given: dict[str, Any] = {"tier": tier, "tier_reason": rng.choice(REASONS[tier]), "tier_until": rng.choice(TERMS[tier])}
    if tier == "top-secret":
        given |= {"named": NAMED, "owner": "manager"}
    return given


def _ending(paper: Paper, tier: str) -> dict[str, str]:
    """Some terms end soon, or by an event: the desk has something to prolong, and two people something to confirm."""
    by_name = sum(map(ord, paper.name)) % 16 if tier in REASONS else -1
    return {0: {"tier_until": "P2M"}, 1: {"tier_event": "相关信息依法公开后"}}.get(by_name, {})


def parties(paper: Paper) -> list[dict[str, str]]:
    """Both sides in their roles; a single one holds what the paper states."""
    facts = paper.facts
    sides: list[tuple[Company | Person | None, str]] = [(facts.a, "party_a"), (facts.b, "party_b")]
    if paper.meta["record_type"] == "property-certificate":
        sides = [(facts.a, "holder"), (facts.b, "party_b")]
    elif facts.a is None or facts.b is None:
        sides = [(facts.a or facts.b, "holder")]
    return [_party(paper, side, role) for side, role in sides if side is not None]


def _party(paper: Paper, side: Company | Person, role: str) -> dict[str, str]:
    """As the paper names it: a customer from abroad by name and passport."""
    if paper.lang == "en" and isinstance(side, Person):
        return {"name": side.english, "role": role, "kind": "person", "identity_number": side.passport}
    return side.as_party(role)


def _money(paper: Paper) -> dict[str, str]:
    return {"value": f"{paper.facts.amount:.2f}", "currency": paper.facts.currency}


def _clean(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in (None, "")}


def _project(rng: random.Random, paper: Paper) -> str:
    return "" if rng.random() < MISSING_IMPORTANT else paper.facts.project


def _ended(rng: random.Random, paper: Paper, *, share: float) -> str:
    """The day on which what the paper is about came to its end, where it did."""
    over = paper.facts.valid_to.year < TODAY_YEAR
    return (paper.facts.valid_to + timedelta(days=rng.randint(0, 40))).isoformat() if over and rng.random() < share else ""


def contract(rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of a contract."""
    facts = paper.facts
    terms = rng.choice(("", "", "按月支付，凭发票付款", "预付30%，验收后付至97%，质保金3%", "一次性付清", "按季支付，先付后用"))
    return _clean(
        {
            "contract_number": facts.number,
            "signed_on": facts.signed.isoformat(),
            "amount": _money(paper),
            "valid_from": facts.valid_from.isoformat(),
            "valid_to": facts.valid_to.isoformat(),
            "project": _project(rng, paper),
            "payment_terms": terms,
            "completed_on": _ended(rng, paper, share=0.8) if paper.meta["record_class"] == "DK" else "",
        }
    )


def amendment(rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of an amendment."""
    facts = paper.facts
    fields = {
        "amendment_number": f"{facts.values['main_number']}-B{rng.randint(1, 3)}",
        "signed_on": facts.signed.isoformat(),
        "contract_number": facts.values["main_number"],
        "amount": _money(paper),
        "valid_to": facts.valid_to.isoformat(),
        "project": facts.project,
    }
    return _clean(fields)


def identity(rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of an identity document; the paper's first party is its holder."""
    person, issued = paper.facts.a, paper.facts.signed
    foreign = paper.lang == "en"
    return _clean(
        {
            "document_kind": "护照" if foreign else "居民身份证",
            "identity_number": person.passport if foreign else person.identity_number,  # type: ignore[union-attr]
            "issued_on": issued.isoformat(),
            "valid_to": issued.replace(year=issued.year + (10 if foreign else 20), day=min(issued.day, 28)).isoformat(),
            "mobile": person.phone if rng.random() < 0.6 else "",  # type: ignore[union-attr]
            "relation_ended_on": _ended(rng, paper, share=0.4),
        }
    )


def certificate(rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of a certificate of title, or of a registered mortgage."""
    values, notice = paper.facts.values, paper.pages is None
    return _clean(
        {
            "certificate_kind": "不动产登记证明" if notice else "不动产权证书",
            "certificate_number": values["certificate_short" if notice else "certificate"],
            "issued_on": paper.facts.signed.isoformat(),
            "location": f"{values['address']}{values['project']}",
            "area": values["area"],
            "secured_amount": _money(paper) if notice else None,
            "released_on": _ended(rng, paper, share=0.5),
        }
    )


def licence(rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of a business licence."""
    company = paper.facts.a
    return _clean(
        {
            "credit_code": company.credit_code,  # type: ignore[union-attr]
            "representative": company.representative,  # type: ignore[union-attr]
            "capital": _money(paper),
            "issued_on": paper.facts.signed.isoformat(),
            "relation_ended_on": _ended(rng, paper, share=0.3),
        }
    )


def loan_file(rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of what belongs to a loan."""
    facts = paper.facts
    return _clean(
        {
            "loan_number": facts.values["loan_number"],
            "signed_on": facts.signed.isoformat(),
            "amount": _money(paper),
            "valid_to": facts.valid_to.isoformat(),
            "completed_on": _ended(rng, paper, share=0.8),
        }
    )


def customer_card(rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of a customer card."""
    person = paper.facts.a
    number = person.passport if paper.lang == "en" else person.identity_number  # type: ignore[union-attr]
    return _clean(
        {
            "customer_number": paper.facts.number,
            "identity_number": number,
            "mobile": person.phone,  # type: ignore[union-attr]
            "grade": rng.choice(("一般", "重要", "VIP")),
            "opened_on": paper.facts.signed.isoformat(),
            "project": _project(rng, paper),
            "relation_ended_on": _ended(rng, paper, share=0.5),
        }
    )


def registration(rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of a customer's registration form."""
    person = paper.facts.a
    return _clean(
        {
            "registration_number": paper.facts.number,
            "registered_on": paper.facts.signed.isoformat(),
            "identity_number": person.identity_number,  # type: ignore[union-attr]
            "mobile": person.phone,  # type: ignore[union-attr]
            "account": person.account,  # type: ignore[union-attr]
            "project": _project(rng, paper),
            "consent": True,
            "relation_ended_on": _ended(rng, paper, share=0.5),
        }
    )


def complaint(rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of a complaint; most are closed within three months."""
    facts = paper.facts
    closed = facts.signed + timedelta(days=rng.randint(3, 90))
    return _clean(
        {
            "complaint_number": facts.number,
            "received_on": facts.signed.isoformat(),
            "mobile": facts.a.phone,  # type: ignore[union-attr]
            "subject": paper.name.rsplit("：", 1)[-1].rsplit(": ", 1)[-1],
            "urgency": rng.choice(("一般", "一般", "紧急", "重大")),
            "closed_on": closed.isoformat() if rng.random() < 0.85 else "",
            "project": facts.project,
        }
    )


def credit_report(rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of a credit report."""
    facts = paper.facts
    last = facts.signed - timedelta(days=rng.randint(5, 200))
    return _clean(
        {
            "report_number": facts.number,
            "reported_on": facts.signed.isoformat(),
            "credit_code": getattr(facts.b, "credit_code", ""),
            "outstanding": _money(paper),
            "last_transaction_on": last.isoformat(),
        }
    )


def handover(_rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of a handover list."""
    facts = paper.facts
    return {
        "handed_on": facts.signed.isoformat(),
        "handed_by": facts.values["person1"],
        "received_by": facts.values["person3"],
        "items": len(paper.rows),
        "pages": sum(int(row[3]) * int(row[4]) for row in paper.rows),
        "project": facts.project,
    }


def regulation(_rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of a regulation."""
    day = paper.facts.signed.isoformat()
    return {"regulation_number": paper.facts.number, "issued_on": day, "in_force_from": day}


def general(rng: random.Random, paper: Paper) -> dict[str, Any]:
    """Fields of anything else."""
    return _clean({"dated_on": paper.facts.signed.isoformat(), "project": _project(rng, paper)})


FIELDS = {
    "contract": contract,
    "contract-amendment": amendment,
    "identity-document": identity,
    "property-certificate": certificate,
    "business-licence": licence,
    "loan-file": loan_file,
    "customer-card": customer_card,
    "customer-registration": registration,
    "complaint": complaint,
    "credit-report": credit_report,
    "handover-list": handover,
    "regulation": regulation,
    "general": general,
}
