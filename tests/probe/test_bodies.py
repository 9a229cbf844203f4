"""Bodies with files: what a client may send otherwise, with all else as it was."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from reglab.limits.unsent.bodies import Body
from reglab.project.requests.test_client import Request

CONTENT = encode_multipart(BOUNDARY, {"title": "A", "file": SimpleUploadedFile("a.png", b"picture"), "note": "z"})


def test_files_are_sent_larger_and_fields_are_not() -> None:
    """A limit of an upload shows by a file beyond it; the fields around it stay."""
    request = Request(
        method="POST", path="/", body=CONTENT, content_type=MULTIPART_CONTENT, headers={}, expected_status=201
    )
    sent = dict(Body(request=request, fields={}).other_files())
    assert list(sent) == ["files named .exe", "files of 1 MB", "files of 3 MB", "files of 6 MB", "files of 12 MB"]
    assert b'filename="a.exe"' in sent["files named .exe"].body
    larger = sent["files of 3 MB"].body
    assert len(larger) == len(CONTENT) + 3_000_000
    assert larger.replace(bytes(3_000_000), b"") == CONTENT
