"""What every handler is given."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from threading import Semaphore

from reslice import __version__
from reslice.archive.measurements import MeasurementStore
from reslice.archive.measuring import Measurer
from reslice.archive.port import Archive
from reslice.archive.volumes import SeriesLibrary
from reslice.archive.worklist import WorkList
from reslice.dicom import codecs, scan
from reslice.dicom.decoding import decoders
from reslice.imaging import encode, reduction, rendering
from reslice.imaging.compiled import arithmetic
from reslice.imaging.crew import Crew
from reslice.imaging.warm_up import WarmUp
from reslice.measurement import regions
from reslice.settings import MEBIBYTE, Settings
from reslice.web.openapi import Document
from reslice.web.served_files import Assets


@dataclass(frozen=True, eq=False)
class Services:
    """The archive, what is built on it, and the settings."""

    archive: Archive
    library: SeriesLibrary
    settings: Settings
    warm_up: WarmUp
    store: MeasurementStore
    measurer: Measurer
    crew: Crew
    renderings: Semaphore
    assets: Assets
    document: Document
    work_list: WorkList

    @classmethod
    def over(cls, archive: Archive, settings: Settings, document: Document) -> "Services":
        """Everything that lives as long as the server."""
        library = SeriesLibrary(
            archive,
            budget=settings.cache_megabytes * MEBIBYTE,
            largest_volume=settings.largest_volume_megabytes * MEBIBYTE,
            threads=settings.loading_threads,
        )
        store = MeasurementStore(archive, *settings.metadata_range)
        measurer = Measurer(library, largest_region=settings.largest_region_voxels)
        warm_up = WarmUp(scan.warm_up, regions.warm_up, reduction.warm_up, rendering.warm_up)
        crew, renderings = Crew(settings.rendering_threads), Semaphore(max(2, settings.rendering_threads))
        return cls(
            archive=archive,
            library=library,
            settings=settings,
            warm_up=warm_up,
            store=store,
            measurer=measurer,
            crew=crew,
            renderings=renderings,
            assets=Assets(),
            document=document,
            work_list=WorkList(archive),
        )

    def now(self) -> datetime:
        """The time, UTC."""
        return datetime.now(UTC)

    @cached_property
    def fingerprint(self) -> str:
        """What settings, versions and the processor add to every entity tag: another last bit is another answer."""
        made_by = (
            __version__,
            self.settings.model_dump_json(),
            arithmetic(),
            sorted(decoders().items()),
            encode.VERSION,
            codecs.VERSION,
        )
        return hashlib.sha256(repr(made_by).encode()).hexdigest()[:16]
