"""The cast and the scheme that every test finds in the database, and short ways to make more."""

import io
import itertools
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.contrib.auth.models import Group

from records import filing, intake, registration, review
from records.models import (
    Chain,
    ChainStep,
    Department,
    DutyHolder,
    FieldDefinition,
    Grant,
    LoanPolicy,
    NumberRule,
    Record,
    RecordClass,
    RecordType,
    Schedule,
    Tier,
    User,
    Volume,
)
from tests import samples

PASSWORD = "muniment"
TIERS = [
    # slug, name, rank, known by, listed, download, copy, watermark, needs reason, longest, prefix
    ("public", "公开", 0, "everyone", False, True, True, False, False, None, ""),
    ("internal", "内部", 10, "readers", False, True, True, True, False, None, ""),
    ("secret", "秘密", 20, "readers", True, False, False, True, True, 10, ""),
    ("confidential", "机密", 30, "readers", True, False, False, True, True, 20, ""),
    ("top-secret", "绝密", 40, "named", False, False, False, True, True, 30, "绝"),
]
PEOPLE = [
    # username, name, department, clearance, duties, groups
    ("admin", "系统管理员", "administration", "internal", ["administrator"], []),
    ("archivist", "张敏", "administration", "confidential", ["archivist"], ["archivists"]),
    ("archivist2", "周洁", "administration", "confidential", ["archivist"], ["archivists"]),
    ("registrar", "吴登", "administration", "top-secret", ["archivist"], ["archivists"]),
    ("staff", "李静", "sales", "internal", ["staff"], []),
    ("staff2", "刘洋", "projects", "internal", ["staff"], []),
    ("head", "王部长", "sales", "secret", ["staff", "head"], []),
    ("manager", "赵总", "administration", "top-secret", ["manager"], ["managers"]),
    ("legal", "钱律师", "legal", "confidential", ["legal"], []),
    ("legal2", "孙律师", "legal", "confidential", ["legal"], []),
    ("officer", "郑保密", "administration", "top-secret", ["officer"], []),
    ("auditor", "冯审计", "administration", "internal", ["auditor"], []),
]
READERS = {"HT": ["archivists", "managers", "@sales", "@legal"], "DK": ["archivists", "managers", "@finance", "@legal"], "GZ": ["*"]}
CONTRACT_FIELDS = [
    ("contract_number", "合同编号", "text", "required"),
    ("signed_on", "签订日期", "date", "required"),
    ("amount", "金额", "money", "required"),
    ("valid_from", "有效期自", "date", "important"),
    ("valid_to", "有效期至", "date", "important"),
    ("project", "项目", "text", "important"),
    ("payment_terms", "付款条件", "long-text", "optional"),
    ("remarks", "备注", "long-text", "optional"),
]
IDENTITY_FIELDS = [("identity_number", "证件号码", "identity-number", "required"), ("mobile", "手机", "mobile", "optional")]
CONTRACT = {"contract_number": "HY-2026-03", "signed_on": "2026-03-18", "amount": {"value": "3531000.00", "currency": "CNY"}}
IDENTITY_NUMBER = "11010519491231002X"  # the example in GB 11643
_serial = itertools.count(1)


def organisation() -> None:
    """Everything that stands before the first record: tiers, people, classes, rules, schedules, types, grants."""
    _tiers()
    _people()
    _scheme()
    _types()


def _tiers() -> None:
    names = ["slug", "name", "rank", "known_by", "listed", "readers_download", "readers_copy", "watermark", "needs_reason", "longest_years"]
    for row in TIERS:
        Tier.objects.create(**dict(zip([*names, "number_prefix"], row, strict=True)))
    Tier.objects.filter(slug__in=["public", "internal"]).update(readers_print=True)
    Tier.objects.filter(needs_reason=True).update(falls_to=Tier.objects.get(slug="internal"))


def _people() -> None:
    for slug in ("administration", "sales", "projects", "finance", "legal"):
        Department.objects.create(slug=slug, name=slug)
    for username, name, department, clearance, duties, groups in PEOPLE:
        user = User.objects.create_user(
            username,
            PASSWORD,
            display_name=name,
            email=f"{username}@example.com",
            department=Department.objects.get(slug=department),
            clearance=Tier.objects.get(slug=clearance),
        )
        DutyHolder.objects.bulk_create(DutyHolder(user=user, duty=duty) for duty in duties)
        user.groups.set(Group.objects.get_or_create(name=group)[0] for group in groups)


def _scheme() -> None:
    schedule = Schedule.objects.create(slug="contracts", name="合同 10 年", years=10, trigger="end-of-validity")
    Schedule.objects.create(slug="permanent", name="永久", permanent=True, trigger="filing")
    completion = Schedule.objects.create(slug="completion", name="完成后 10 年", years=10, trigger="completion")
    internal = Tier.objects.get(slug="internal")
    rule = NumberRule.objects.create(name="HT", pattern="HT-{year}-{seq:04}")
    volumes = NumberRule.objects.create(name="DK", pattern="{volume}-{item:02}", volume_pattern="鸿借字第{seq:03}号")
    plain = NumberRule.objects.create(name="GZ", pattern="GZ-{seq:03}")
    RecordClass.objects.create(code="HT", name="合同", default_tier=internal, number_rule=rule, schedule=schedule)
    RecordClass.objects.create(code="DK", name="贷款", default_tier=internal, number_rule=volumes, schedule=completion, needs_volume=True)
    RecordClass.objects.create(
        code="GZ",
        name="规章",
        default_tier=Tier.objects.get(slug="public"),
        number_rule=plain,
        schedule=Schedule.objects.get(slug="permanent"),
    )
    for code, readers in READERS.items():
        for reader in readers:
            grant(RecordClass.objects.get(code=code), reader)


def grant(record_class: RecordClass, reader: str) -> Grant:
    """`*` everyone, `@slug` a department, else a group."""
    if reader == "*":
        return Grant.objects.create(record_class=record_class, everyone=True)
    if reader.startswith("@"):
        return Grant.objects.create(record_class=record_class, department=Department.objects.get(slug=reader[1:]))
    return Grant.objects.create(record_class=record_class, group=Group.objects.get(name=reader))


def _types() -> None:
    contract = RecordType.objects.create(slug="contract", name="合同", own_date="signed_on", needs_department=True, needs_party=True)
    identity = RecordType.objects.create(slug="identity-document", name="身份证件", personal=True)
    for record_type, rows in ((contract, CONTRACT_FIELDS), (identity, IDENTITY_FIELDS)):
        FieldDefinition.objects.bulk_create(
            FieldDefinition(record_type=record_type, key=key, name=name, kind=kind, level=level, order=order)
            for order, (key, name, kind, level) in enumerate(rows)
        )
    for slug, name in (("general", "一般"), ("regulation", "规章制度")):
        RecordType.objects.create(slug=slug, name=name)


# --- short ways -----------------------------------------------------------------------------------------------------


def person(username: str) -> User:
    """One of the cast, read anew."""
    return User.objects.select_related("clearance", "department").get(username=username)


@cache
def pdf() -> bytes:
    """A two-page born-digital contract."""
    return samples.text_pdf()


def incoming(content: bytes | None = None, name: str = "scan.pdf") -> intake.Incoming:
    """A file as it is sent."""
    return intake.Incoming(name, io.BytesIO(content if content is not None else pdf()))


@dataclass
class Contract:
    """A contract's particulars, each of which a test may replace."""

    values: dict[str, Any] = field(default_factory=dict)

    def particulars(self) -> registration.Particulars:
        """As `register` takes them."""
        defaults: dict[str, Any] = {
            "record_type": "contract",
            "title": f"设备采购合同 {next(_serial)}",
            "record_class": "HT",
            "department": "sales",
            "fields": CONTRACT,
            "parties": [{"name": "鸿远置业有限公司", "role": "party_a"}],
        }
        if self.values.get("record_type") == "identity-document":
            defaults |= {"purpose": "核验签约主体身份", "basis": "contract"}
        return registration.Particulars(**defaults | self.values)


def secret(tier: str) -> dict[str, str]:
    """What a tier above internal asks for."""
    return {"tier": tier, "tier_reason": "商业秘密目录 3.2"} if tier not in ("public", "internal") else {"tier": tier}


def registered(actor: str = "archivist", content: bytes | None = None, **values: Any) -> Record:
    """A contract that waits for review."""
    return registration.register(actor=person(actor), given=Contract(values).particulars(), files=[incoming(content)])


def reviewed(actor: str = "archivist", reviewer: str = "archivist2", **values: Any) -> Record:
    """A contract that a second person accepted."""
    return review.review(actor=person(reviewer), record_id=registered(actor, **values).pk, decision="accept")


def filed(actor: str = "archivist", reviewer: str = "archivist2", **values: Any) -> Record:
    """A contract with its number."""
    return filing.file_record(actor=person(actor), record_id=reviewed(actor, reviewer, **values).pk)


def volume(title: str = "鸿远置业开发贷款卷", record_class: str = "DK", actor: str = "archivist") -> Volume:
    """An empty volume."""
    return Volume.objects.create(title=title, record_class=RecordClass.objects.get(code=record_class), created_by=person(actor))


def loan_policies() -> None:
    """Chains as shipped: what each tier asks for before a loan."""
    steps = {"archivist": ["archivist"], "head": ["head"], "head-manager": ["head", "manager"], "manager-owner": ["manager", "owner"]}
    chains: dict[str | None, Chain] = {}
    for slug, approvers in steps.items():
        chains[slug] = Chain.objects.create(slug=slug, name=slug)
        ChainStep.objects.bulk_create(ChainStep(chain=chains[slug], order=place, approver=each) for place, each in enumerate(approvers))
    for tier, digital, paper in (
        ("public", None, "archivist"),
        ("internal", None, "archivist"),
        ("secret", "head", "head"),
        ("confidential", "head-manager", "head-manager"),
        ("top-secret", "manager-owner", "manager-owner"),
    ):
        asked = {"view": digital, "download": digital, "copy": paper, "original": paper}
        for use, chain in asked.items():
            LoanPolicy.objects.create(tier=Tier.objects.get(slug=tier), use=use, chain=chains.get(chain))


def committee(*members: str, votes: int = 2) -> None:
    """The chain of releases to outside as shipped, its committee with these members (officer, manager and legal)."""
    group = Group.objects.create(name="confidentiality-committee")
    for username in members or ("officer", "manager", "legal"):
        person(username).groups.add(group)
    chain = Chain.objects.create(slug="outside-release", name="outside-release")
    ChainStep.objects.create(chain=chain, approver="committee", committee=group, votes=votes)
