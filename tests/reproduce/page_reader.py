"""A page read back: which text stands in which element, and its images."""

from html.parser import HTMLParser


class PageReader(HTMLParser):
    """Texts of a page by element, such as ``h2`` or ``p.note`` (``p.`` has no class), and its images."""

    def __init__(self, html):
        super().__init__()
        self.found, self.images, self.open = [], [], []
        self.feed(html)

    def texts(self, element):
        return [text for name, text in self.found if element in (name, name.partition(".")[0])]

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "img":
            self.images.append(attributes)
        elif tag not in ("meta", "br"):
            self.open.append(f"{tag}.{attributes.get('class', '')}")

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        if data.strip():
            self.found.append((self.open[-1], data.strip()))
