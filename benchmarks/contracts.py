"""Synthetic contracts by the hundred thousand: seeded, cheap, and varied enough that two characters find few or many of them."""

import datetime
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

WORDS = (
    "货款 支付 违约 责任 逾期 付款 交付 验收 质量 保证 担保 抵押 质押 利息 利率 仲裁 诉讼 管辖 法院 保密 条款 终止 解除 "
    "合同 协议 补充 附件 项目 工程 设备 采购 租赁 房屋 土地 使用权 证书 登记 机关 双方 甲方 乙方 应当 按照 约定 期限 届满 "
    "通知 书面 送达 地址 发票 税率 金额 人民币 分期 首期 尾款 履约 押金 退还 扣除 赔偿 损失 不可抗力 转让 第三方 同意 确认 "
    "签署 盖章 生效 有效期 续期 变更 运输 包装 检验 安装 调试 培训 保修 图纸 技术 标准 专利 商标 著作权 许可 代理 经销 库存 "
    "仓储 物流 海关 进口 出口 保险 理赔 事故 安全 环境 排放 能源 电力 燃气 供水 物业 停车 装修 拆除 施工 监理 竣工 结算 "
    "审计 评估 股权 出资 分红 清算 破产 重组 债权 债务 抵销 追偿 公证 认证 授权 委托 雇员 薪酬 社保 考勤 竞业 "
)
TERMS = WORDS.split()
JOINTS = ["在", "的", "与", "由", "及", "对", "向", "于", "并", "或", "为", "将", "", "", "", "", "", "", "", ""]
SIGNS = [",", ",", "。", ";", "。\n"]
CITIES = ["上海", "北京", "深圳", "广州", "杭州", "南京", "成都", "武汉", "西安", "苏州"]
NAMES = ["宏远", "鸿达", "中信", "华泰", "金桥", "瑞丰", "永盛", "天成", "嘉禾", "博远", "盛世", "恒通", "东方", "新城", "长江", "黄河"]
KINDS = ["科技有限公司", "贸易有限公司", "建筑工程有限公司", "物业管理有限公司", "融资租赁有限公司", "置业有限公司"]
RARE = [chr(point) for point in range(0x4E00, 0x4E00 + 3500)]
TYPES = ["contract"] * 6 + ["general", "contract-amendment"]
TIERS = ["public"] * 2 + ["internal"] * 10 + ["secret"] * 4 + ["confidential"] * 3 + ["top-secret"]
DEPARTMENTS = ["sales", "projects", "legal", "administration"]
FIRST_DAY = datetime.date(2014, 1, 1)
PAGE = 650  # characters
LINE = 38
SUBJECT = 40  # words of which one contract is made: a word stands in about a third of them


@dataclass(frozen=True)
class Contract:
    """One of them. `parties`: places among all parties, of which there is one for every five contracts."""

    place: int
    id: str
    title: str
    number: str
    contract_number: str
    record_type: str
    tier: str
    department: str
    date: datetime.date
    parties: tuple[int, ...]
    pages: tuple[str, ...]


def contracts(count: int, *, seed: int = 7) -> Iterator[Contract]:
    """The same ones for the same numbers."""
    dice = random.Random(seed)
    for place in range(count):
        subject = dice.sample(TERMS, SUBJECT)
        day = FIRST_DAY + datetime.timedelta(dice.randrange(4500))
        yield Contract(
            place=place,
            id=str(uuid.UUID(int=dice.getrandbits(128), version=4)),
            title="".join(dice.sample(subject, 3)) + "合同",
            number=f"HT-{day.year}-{place:06}",
            contract_number=f"HY-{dice.randrange(10**6):06}",
            record_type=dice.choice(TYPES),
            tier=dice.choice(TIERS),
            department=dice.choice(DEPARTMENTS),
            date=day,
            parties=(dice.getrandbits(32) % max(2, count // 5), dice.getrandbits(32) % max(2, count // 5)),
            pages=tuple(page(dice, subject) for _page in range(2)),
        )


def party_name(place: int) -> str:
    """The name of a party."""
    return f"{CITIES[place % 10]}{NAMES[place % 16]}{KINDS[place % 6]}{place}"


def page(dice: random.Random, subject: list[str]) -> str:
    """A page of running text, with a few rare characters and an amount, cut into lines like those of a PDF."""
    pieces: list[str] = []
    size = 0
    while size < PAGE:
        pieces += [dice.choice(subject), dice.choice(JOINTS)]
        if dice.random() < 0.15:
            pieces.append(dice.choice(SIGNS))
        if dice.random() < 0.02:
            pieces.append("".join(dice.choices(RARE, k=4)))
        size = sum(map(len, pieces)) if len(pieces) % 50 == 0 else size + 2
    text = "".join(pieces) + f"总价人民币{dice.randrange(10**7):,}.00元。"
    return "\n".join(text[at : at + LINE] for at in range(0, len(text), LINE))
