"""A form of a page is sent as a browser would send it."""

from reglab.project.drafting.bodies.files import sample_file
from reglab.project.drafting.bodies.html_forms import forms_of

PAGE = """
<form method="get"><input name="q"></form>
<form method="post" action="/things/">
  <input type="hidden" name="csrfmiddlewaretoken" value="abc">
  <input name="title" required maxlength="6">
  <input name="note">
  <input type="email" name="mail" required>
  <input type="checkbox" name="tags" value="a" checked><input type="checkbox" name="tags" value="b" checked>
  <input type="checkbox" name="off" value="1">
  <input name="closed" value="x" disabled>
  <select name="kind" required><option value="">-</option><option value="k1">K</option></select>
  <select name="free"><option value="">-</option><option value="f1">F</option></select>
  <select name="many" multiple><option value="1" selected>1</option><option value="2" selected>2</option></select>
  <textarea name="text" required></textarea>
  <input type="file" name="file"><input type="file" name="picture" required>
  <input type="submit" name="save" value="Save"><input type="submit" name="delete" value="Delete">
</form>
"""


def test_only_forms_that_post_are_bodies() -> None:
    """A search box is no writing form."""
    assert [form.action for form in forms_of(PAGE)] == ["/things/"]


def test_fields_have_the_values_of_the_page_and_required_ones_are_filled() -> None:
    """What a browser would send, and nothing that it would not."""
    (form,) = forms_of(PAGE)
    assert form.fields == {
        "csrfmiddlewaretoken": "abc",
        "title": "drafte",
        "note": "",
        "picture": sample_file("picture"),
        "mail": "drafted@example.com",
        "tags": ["a", "b"],
        "kind": "k1",
        "free": "",
        "many": ["1", "2"],
        "text": "drafted",
        "save": "Save",
    }


FORMSET = """
<form method="post">
  <input type="hidden" name="lines-TOTAL_FORMS" value="3"><input type="hidden" name="lines-INITIAL_FORMS" value="1">
  <input type="hidden" name="lines-0-id" value="7"><input name="lines-0-text" value="there">
  <input type="hidden" name="lines-1-id"><input name="lines-1-text"><input type="number" name="lines-1-amount">
  <input type="checkbox" name="lines-1-DELETE">
  <input type="hidden" name="lines-2-id"><input name="lines-2-text"><input type="number" name="lines-2-amount">
  <input name="lines-__prefix__-text">
</form>
"""


def test_a_new_row_of_a_formset_is_filled() -> None:
    """No field of it is required, and sent as the page has it the form would write nothing."""
    (form,) = forms_of(FORMSET)
    added = {name: value for name, value in form.filled.items() if value != form.fields.get(name)}
    assert added == {"lines-1-text": "drafted-1", "lines-1-amount": "1"}


def test_what_may_be_left_empty_is_filled_second() -> None:
    """Some forms do something only where an optional field is filled."""
    (form,) = forms_of(PAGE)
    added = {name: value for name, value in form.filled.items() if value != form.fields.get(name)}
    assert added == {"note": "drafted-1", "free": "f1", "file": sample_file("file")}


def test_a_text_that_the_page_has_filled_is_edited_first() -> None:
    """Sent back as it came it changes no row, and the write-set that was seen once would not be seen again."""
    page = """<form method="post"><input name="title" value="Title-0000"><input name="code" value="EUR">
    <input type="email" name="mail" value="ann@example.com"><input type="hidden" name="key" value="abcd">
    <textarea name="text">some words</textarea></form>"""
    (form,) = forms_of(page)
    assert form.edits == {"title": "Nitle-0000", "text": "nome words"}
    assert form.edited["mail"] == form.fields["mail"] == "ann@example.com"
    assert form.fields["title"] == "Title-0000"


ADMIN = """
<form method="post">
  <input type="text" name="patient" class="vForeignKeyRawIdAdminField" required>
  <input type="text" name="starts_at_0" class="vDateField" required>
  <input type="text" name="starts_at_1" class="vTimeField" required>
  <input type="text" name="ends_at_0" class="vDateField" required>
  <input type="text" name="ends_at_1" class="vTimeField" required>
</form>
"""


def test_the_admins_widgets_get_values_of_their_kind() -> None:
    """They are texts to a browser; a key is left to who knows the model, and what ends does so later on the day."""
    (form,) = forms_of(ADMIN)
    assert "patient" not in form.fields
    assert form.fields["starts_at_0"] == form.fields["ends_at_0"] == "2026-06-15"
    assert form.fields["starts_at_1"] < form.fields["ends_at_1"]
