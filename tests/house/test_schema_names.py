"""Two shapes of one name would silently become one in the API's description, and in the pages' types."""

from collections import defaultdict
from collections.abc import Iterator

from ninja import Schema

from qingdan.web import urls


def shapes(of: type[Schema]) -> Iterator[type[Schema]]:
    for shape in of.__subclasses__():
        yield shape
        yield from shapes(shape)


def test_every_shape_of_the_api_has_a_name_of_its_own() -> None:
    assert urls.urlpatterns  # every router is loaded
    places = defaultdict(set)
    for shape in shapes(Schema):
        if shape.__module__.startswith("qingdan."):
            places[shape.__name__].add(shape.__module__)
    assert {name: sorted(found) for name, found in places.items() if len(found) > 1} == {}
