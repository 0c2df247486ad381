"""Fixtures of all tests: the two clients, and the servers behind one of them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import settings as hypothesis_settings

from clients import Client, InProcessClient, OrthancClient
from documented import ALICE, FILES
from postgres import Postgres, running_postgres
from server import Orthanc, Servers, folder_in_memory, running_orthanc, shared_database

hypothesis_settings.register_profile("reslice", deadline=None, max_examples=40, derandomize=True)
hypothesis_settings.load_profile("reslice")


def pytest_configure(config: pytest.Config) -> None:
    """Register our marker."""
    config.addinivalue_line("markers", "slow: takes more than a few seconds; left out by -m 'not slow'")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """All the servers of this run."""
    with Servers(lambda: tmp_path_factory.mktemp("orthanc")) as servers:
        yield servers


@pytest.fixture(scope="session")
def session_orthanc() -> Iterator[Orthanc]:
    """One Orthanc for the whole run, as orthanc.json configures it."""
    with folder_in_memory() as folder, running_orthanc(folder) as server:
        yield server


@pytest.fixture(scope="session")
def session_client(session_orthanc: Orthanc) -> OrthancClient:
    """The connections to it that all tests share."""
    return session_orthanc.client()


@pytest.fixture
def orthanc(session_orthanc: Orthanc, session_client: OrthancClient) -> Orthanc:
    """The session's Orthanc, emptied; a test may not bring it down."""
    session_client.clear()
    session_orthanc.mark()
    return session_orthanc


@pytest.fixture
def real(orthanc: Orthanc, session_client: OrthancClient) -> Iterator[OrthancClient]:
    """A client of the emptied real Orthanc; the server must outlive the test."""
    yield session_client
    assert orthanc.alive, orthanc.recent_log
    assert session_client.get("/reslice/health").status == 200


@pytest.fixture
def in_process() -> InProcessClient:
    """The application without a server."""
    return InProcessClient()


@pytest.fixture(params=["in-process", "orthanc"])
def client(request: pytest.FixtureRequest) -> Client:
    """Both, one after the other: the API is tested once and answers alike."""
    return request.getfixturevalue("in_process" if request.param == "in-process" else "real")


@pytest.fixture(scope="module")
def lasting_real(session_orthanc: Orthanc, session_client: OrthancClient) -> Iterator[OrthancClient]:
    """A client of the real Orthanc, emptied once for a module; the server must outlive all its tests."""
    session_client.clear()
    session_orthanc.mark()
    yield session_client
    assert session_orthanc.alive, session_orthanc.recent_log
    assert session_client.get("/reslice/health").status == 200


@pytest.fixture(scope="module", params=["in-process", "orthanc"])
def lasting_client(request: pytest.FixtureRequest) -> Client:
    """Both, for modules whose tests only read: what one of them stores is there for the others, and costs once."""
    return InProcessClient() if request.param == "in-process" else request.getfixturevalue("lasting_real")


@pytest.fixture
def start_orthanc(servers: Servers) -> Iterator[Callable[..., Orthanc]]:
    """Start further servers with other configurations; they end with the test."""
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(servers.running(**changes))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for the whole run; whoever uses it makes a database of their own."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def one_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., list[Orthanc]]]:
    """Start a server with an index of its own; it ends with the module."""
    with Servers(lambda: tmp_path_factory.mktemp("orthanc")) as servers, ExitStack() as stack:
        yield lambda **changes: [stack.enter_context(servers.running(**changes))]


@pytest.fixture(scope="module")
def two_nodes(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Callable[..., list[Orthanc]]]:
    """Start two servers on one new database; they end with the module, before the database does."""
    with Servers(lambda: tmp_path_factory.mktemp("orthanc")) as servers, ExitStack() as stack:

        def start(**changes: object) -> list[Orthanc]:
            database = postgres.new_database()
            shared = [shared_database(database, name) | changes for name in ("first", "second")]
            return [stack.enter_context(servers.running(**configuration)) for configuration in shared]

        yield start


@pytest.fixture
def documented_server(orthanc: Orthanc, real: OrthancClient) -> Orthanc:
    """A server that holds one small series."""
    real.store(FILES)
    return orthanc


@pytest.fixture(scope="module")
def guarded_server(servers: Servers) -> Iterator[Orthanc]:
    """A server that knows the user of the samples."""
    with servers.running(ALICE, AuthenticationEnabled=True, RegisteredUsers=dict([ALICE])) as server:
        server.client().store(FILES)
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Show what the session's Orthanc logged during a failed test."""
    report = yield
    server = getattr(item, "funcargs", {}).get("orthanc")
    if report.failed and isinstance(server, Orthanc):
        report.sections.append(("Orthanc's log", server.recent_log))
    return report
