"""A house whose scan is half-way: some questions are under way, some documents still wait."""

from __future__ import annotations

from collections.abc import Sequence

from tests.acceptance.conftest import PACE, MakeHouse
from tests.acceptance.installation import CONTACT, Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import Running, eventually
from tests.acceptance.test_claude import GOOD
from tests.servers.claude import KEY, ClaudeServer
from tests.servers.edgar import EdgarServer, filing_path
from tests.servers.http import Reply


def half_way(
    own_house: MakeHouse, sec: EdgarServer, claude: ClaudeServer, tickers: Sequence[str]
) -> tuple[Installation, Running, dict[str, str]]:
    """The house, its daemon, and the environment that another house needs to go on with it."""
    environ = {
        "SEC_CONTACT": CONTACT,
        "RETAILXAI_SEC_WWW_URL": sec.url,
        "RETAILXAI_SEC_DATA_URL": sec.url,
        "RETAILXAI_SEC_REQUESTS_PER_S": str(PACE),
        "ANTHROPIC_API_KEY": KEY,
        "RETAILXAI_CLAUDE_BASE_URL": claude.url,
        "RETAILXAI_CLAUDE_BATCHES": "false",  # so that calls are under way
    }
    house = own_house("old", **environ)
    companies = [filer(number, ticker) for number, ticker in enumerate(tickers, 1)]
    for company in companies:
        sec.add(company)
        path = filing_path(company.cik, company.filings[0], "/release.htm")
        content = company.filings[0].documents[1].content
        sec.route("GET", path, Reply(body=content, wait_s=0.8))
    claude.answers(Reply(drop=True), GOOD)
    house.miss_a_slot(companies=companies)
    daemon = house.daemon()
    eventually(
        lambda: 2 <= house.one("select count(*) from paid_call") < len(tickers), "some are asked"
    )
    return house, daemon, environ
