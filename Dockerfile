# Reslice on Debian's own Orthanc. It serves only to who has a password: mount users.json, see docs/installation.md.
FROM debian:trixie-slim

RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates orthanc orthanc-dicomweb orthanc-gdcm orthanc-python python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* /etc/orthanc/*

WORKDIR /opt/reslice
COPY LICENSE orthanc.json pyproject.toml ./
COPY scripts/requirements.py scripts/
RUN python3 -m venv .venv \
    && python3 scripts/requirements.py project > /tmp/requirements \
    && .venv/bin/pip install --no-cache-dir --disable-pip-version-check -r /tmp/requirements \
    && rm /tmp/requirements
COPY plugin plugin

# Orthanc merges the files of its folder and refuses a key that stands twice: DICOM is left to Orthanc's defaults
# or to another file of the site, and the users must come from one.
RUN python3 -m compileall -q plugin \
    && python3 -c "import json; c = json.load(open('orthanc.json')); \
del c['DicomServerEnabled'], c['DicomPort'], c['Name'], c['Reslice']; \
c |= {'RemoteAccessAllowed': True, 'AuthenticationEnabled': True, \
      'StorageDirectory': '/var/lib/orthanc/db', 'PythonScript': '/opt/reslice/plugin/main.py'}; \
json.dump(c, open('/etc/orthanc/reslice.json', 'w'), indent=2)" \
    && install -d -o orthanc -g orthanc /var/lib/orthanc/db

USER orthanc
ENV HOME=/var/lib/orthanc
VOLUME /var/lib/orthanc/db
EXPOSE 8042 4242

HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python3", "-c", \
    "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8042, timeout=8); c.request('GET', '/reslice/health'); raise SystemExit(c.getresponse().status not in (200, 401))"]

CMD ["sh", "-c", "grep -qs '\"RegisteredUsers\"' /etc/orthanc/*.json || { echo 'No users: mount a file with RegisteredUsers, for instance at /etc/orthanc/users.json' >&2; exit 1; }; exec Orthanc /etc/orthanc"]
