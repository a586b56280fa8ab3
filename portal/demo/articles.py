"""Regulations and notices of the demo organisation, as pages (PRT-2)."""

from datetime import date

from portal.pages import tree
from portal.pages.models import ArticlePage, ListPage

ARTICLES = [
    (
        "regulations",
        "archive-rules",
        "档案管理办法",
        "档案从收集、登记、复核、归档到借阅、鉴定与销毁的总规则。",
        (
            "<h2>第一条 目的</h2><p>为保证公司档案真实、完整、可用、安全，制定本办法。</p>"
            "<h2>第二条 登记与复核</h2><p>档案由一人登记，另一人复核；登记人不得复核本人登记的档案。复核通过后方可归档编号。</p>"
            "<h2>第三条 密级</h2><p>密级分为公开、内部、秘密、机密、绝密。定密须写明依据和期限，变更密级须经第二人确认。</p>"
        ),
    ),
    (
        "regulations",
        "borrowing-rules",
        "档案借阅规定",
        "谁可以借、向谁申请、借多久。",
        (
            "<h2>第一条 申请</h2><p>查看、下载、复印、借出原件，均应写明用途和期限。</p>"
            "<h2>第二条 期限</h2><p>原件原则上当日归还；续借须重新申请。不得转借。</p>"
        ),
    ),
    (
        "notices",
        "year-end-filing",
        "关于做好年末归档工作的通知",
        "各部门请于 12 月 20 日前完成本年度合同归档。",
        (
            "<p>各部门：</p><ol><li>项目已结束的文件，请在五个工作日内整理移交。</li><li>扫描件分辨率不低于 300 dpi，页序完整。</li>"
            "<li>尚缺重要著录项的档案，请在归档前补齐。</li></ol><p>行政部档案室</p>"
        ),
    ),
]


def load_articles() -> int:
    """Publish what is missing; returns how many pages were added."""
    tree.plant()
    added = 0
    for parent, slug, title, summary, body in ARTICLES:
        listing = ListPage.objects.get(slug=parent)
        if not ArticlePage.objects.child_of(listing).filter(slug=slug).exists():
            page = ArticlePage(title=title, slug=slug, summary=summary, body=body, in_force_from=date(2026, 1, 1))
            listing.add_child(instance=page)
            added += 1
    return added
