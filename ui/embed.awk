# Turns the theme files into a C table, so that a theme needs no installed file.
BEGIN { print "#include \"ui/theme_source.h\"\n\nconst struct theme_source theme_sources[] = {" }
FNR == 1 {
	if (NR > 1)
		print "\t},"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.theme$/, "", name)
	printf "\t{\"%s\",\n", name
}
{
	gsub(/[\\"]/, "\\\\&")
	printf "\t \"%s\\n\"\n", $0
}
END { print "\t},\n\t{0}\n};" }
