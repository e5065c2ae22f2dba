# From lcov's records to a table: lines and branches of each file, then of all. Used by tools/coverage.sh.
# A branch in a header's inline function or in code compiled twice counts once, taken where any copy took it.
# Variables: room, the start of the paths to show; show, 1 for what is uncovered; least_lines, least_branches: per cents.

function percent(part, whole) {
    return whole == 0 ? 100 : 100 * part / whole
}

function row(name, l, lh, b, bh) {
    printf "%-28s %6d %6d %6.1f %% %8d %6d %6.1f %%\n", name, l, l - lh, percent(lh, l), b, b - bh, percent(bh, b)
}

/^SF:/ {
    path = substr($0, 4)
    at = index(path, room)
    file = at > 0 ? substr(path, at + length(room)) : ""
}

/^DA:/ && file != "" {
    split(substr($0, 4), part, ",")
    lines[file][part[1]] += part[2]
}

/^BRDA:/ && file != "" {
    split(substr($0, 6), part, ",")
    branches[file][sprintf("%06d,%s,%s", part[1], part[2], part[3])] += part[4] == "-" ? 0 : part[4]
}

END {
    printf "%-28s %6s %6s %8s %8s %6s %8s\n", "file", "lines", "missed", "", "branches", "missed", ""
    count = asorti(lines, files)
    for (i = 1; i <= count; i++) {
        file = files[i]
        l = lh = b = bh = 0
        for (line in lines[file]) {
            l++
            lh += lines[file][line] > 0
        }
        if (file in branches)
            for (branch in branches[file]) {
                b++
                bh += branches[file][branch] > 0
            }
        row(file, l, lh, b, bh)
        all_l += l; all_lh += lh; all_b += b; all_bh += bh
    }
    row("all", all_l, all_lh, all_b, all_bh)
    for (i = 1; show && i <= count; i++)
        uncovered(files[i])
    exit percent(all_lh, all_l) < least_lines || percent(all_bh, all_b) < least_branches
}

function uncovered(file,    line, branch, at, n, sorted, side) {
    n = asorti(lines[file], sorted, "@ind_num_asc")
    for (line = 1; line <= n; line++)
        if (lines[file][sorted[line]] == 0)
            printf "%s%s:%d: line\n", room, file, sorted[line]
    if (!(file in branches))
        return
    n = asorti(branches[file], sorted)
    for (branch = 1; branch <= n; branch++) {
        split(sorted[branch], at, ",")
        side = branches[file][sorted[branch]] == 0
        if (side && lines[file][at[1] + 0] > 0)
            printf "%s%s:%d: branch %s\n", room, file, at[1] + 0, at[2] "," at[3]
    }
}
