"""Pages read a minute, from a scanned PDF to kept text with boxes, beside bare RapidOCR on the same pictures, boxes on in both.

    python -m benchmarks.ocr [--pages 8]

Both take turns page by page, so that a busy machine slows both alike. The yardstick: our pages a minute at least 0.9 of RapidOCR's.
"""

import argparse
import difflib
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

VOCABULARY = """
合同 甲方 乙方 应当 支付 价款 违约金 逾期 交付 验收 合格 设备 采购 签订 日期 人民币 杭州 有限公司 条款 解除 保证 责任 争议 仲裁 法院 管辖
附件 房屋 租赁 抵押 借款 利率 担保 质量 标准 技术 服务 维修 期限 通知 地址 账户 银行 发票 税率 运输 风险 知识产权 保密 不可抗力 生效 盖章
补充 协议 约定 按照 规定 执行 双方 协商 一致 2026年 3,531,000.00元 HT-2026-0001 百分之三十 第十二条
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--pages", type=int, default=8)
    count = parser.parse_args().pages
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), count)


def measure(folder: Path, count: int) -> None:
    """Read each page both ways, and print what it took."""
    from rapidocr import RapidOCR

    from search.text import ocr

    bare, chance = RapidOCR(params={"Global.log_level": "error"}), random.Random(7)
    ocr.warm()
    rows = []
    for number in range(count + 1):
        text, image = page(chance)
        ours, theirs = read_ours(folder, image), read_bare(bare, image)
        if number:  # the first page warms both up
            rows.append((ours[0], theirs[0], wrong(text, ours[1]), wrong(text, theirs[1])))
            print(f"page {number}: ours {ours[0]:.2f} s, bare {theirs[0]:.2f} s, wrong characters {rows[-1][2]:.2%} and {rows[-1][3]:.2%}")
    report(rows)


def report(rows: list[tuple[float, float, float, float]]) -> None:
    ours, bare = (60 / statistics.median(row[place] for row in rows) for place in (0, 1))
    ratio = statistics.median(theirs / mine for mine, theirs, *_wrong in rows)
    print(f"pages a minute (median): ours {ours:.1f}, bare RapidOCR {bare:.1f}; ratio {ratio:.2f} (0.90 asked for)")
    print(
        f"wrong characters (mean): ours {statistics.mean(row[2] for row in rows):.2%}, bare {statistics.mean(row[3] for row in rows):.2%}"
    )


def page(chance: random.Random) -> tuple[str, Any]:
    """A page of print as a scanner gives it: 200 dpi, a little turned, noisy. Text of another length and size each time."""
    from PIL import Image, ImageChops

    from tests.samples import page_image

    words, size = VOCABULARY.split(), chance.choice((26, 30, 34, 38))
    text = ""
    while len(text) < chance.randint(400, 900):
        text += chance.choice(words) + chance.choice(("", "", "，", "的", "。"))
    clean = page_image(text, title="", width=1654, size=size, angle=chance.uniform(-1.5, 1.5))
    return text, ImageChops.add(clean, Image.effect_noise(clean.size, 30), offset=-128)


def read_ours(folder: Path, image: Any) -> tuple[float, str]:
    from search.text.extraction import extract
    from storage.formats import PDF
    from tests.samples import scanned_pdf

    path = folder / "scan.pdf"
    path.write_bytes(scanned_pdf([image]))
    started = time.perf_counter()
    (found,) = extract(path, media_type=PDF)
    found.to_bytes()
    return time.perf_counter() - started, found.text


def read_bare(bare: Any, image: Any) -> tuple[float, str]:
    import numpy as np

    pixels = np.stack([np.asarray(image)] * 3, axis=-1)
    started = time.perf_counter()
    result = bare(pixels, return_word_box=True)
    return time.perf_counter() - started, "".join(result.txts)


def wrong(text: str, found: str) -> float:
    """The share of characters that differ; commas of either width are one."""
    wanted, got = (value.replace(",", "，").replace(" ", "").replace("\n", "") for value in (text, found))
    blocks = difflib.SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks()
    return 1 - sum(block.size for block in blocks) / max(len(wanted), len(got))


if __name__ == "__main__":
    main()
