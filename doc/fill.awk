# awk -f fill.awk SECTIONS TEMPLATE: puts what follows each line @@NAME of SECTIONS in the place of the
# line @@NAME of TEMPLATE. A place without a section, or a section without a place, is an error.
FNR == 1 { file++ }
/^@@/ && file == 1 { name = $1; have[name] = 1; next }
file == 1 { text[name] = text[name] $0 "\n"; next }
/^@@/ { if (!($1 in have)) fail("no section " $1); printf "%s", text[$1]; delete have[$1]; next }
{ print }
function fail(why) { print "fill.awk: " why > "/dev/stderr"; bad = 1; exit 1 }
END {
	if (!bad)
		for (name in have)
			fail("no place for " name)
	exit bad
}
