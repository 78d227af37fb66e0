# SPDX-License-Identifier: GPL-2.0-or-later
# The table of docs/alarms.md, from rules: awk -f scripts/rules.awk FILE
function put() {
	if (name)
		printf "| `%s` | %s | %s | %s | %s | `%s` |\n", name, v["severity"] ? v["severity"] : "warning",
			limit(), v["text"], v["why"], v["look"]
	delete v
}
function limit(  s) {
	if (v["silent"])
		return "silent for " v["silent"]
	s = "`" v["metric"] "` " (v["above"] != "" ? "above " v["above"] : "below " v["below"])
	if (v["over"] == "nodes")
		s = s ", all together"
	if (v["absent"])
		return "`" v["metric"] "` missing for " v["absent"]
	if (v["per"])
		s = s " more in " v["per"] " (by the last " v["window"] ")"
	if (v["once-good"] == "yes")
		s = s ", where it was not before,"
	if (v["share"])
		s = s ", of " v["share"] " of the nodes"
	if (v["within"])
		s = s " within " v["within"]
	return s (v["for"] ? " for " v["for"] : "")
}
BEGIN {
	print "| rule | severity | when | says | why it matters | what to look at |"
	print "|---|---|---|---|---|---|"
}
/^\[/ { put(); name = substr($0, 2, length($0) - 2) }
/^[a-z-]+ = / { k = $1; sub(/^[a-z-]+ = /, ""); v[k] = $0 }
END { put() }
