# threat: Poison what people and programs read
# attack: control characters, OSC, bidi, markup, formulas, workflow commands, invalid UTF-8, NUL; file names like them
# happens: escaped in the recording

import os

poison = (
    b"\x1b]0;owned\x07\x1b[2J\xe2\x80\xae<script>alert(1)</script>=cmd|'/c calc'!A1\n::error::owned\n"
    b"::stop-commands::x\n::add-mask::e\n<svg onload=alert(1)>\n```\n\xff\xfe\x00\xed\xa0\x80NaN\xef\xbf\xbe\n"
)
os.write(1, poison)
os.write(2, poison)
for name in (b"-rf", b"a\nb", b"::error::x", b"\x1b[2J", b"\xff\xfe", b"<script>"):
    open(name, "w").close()
print("held")
