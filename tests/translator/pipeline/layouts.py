"""Layouts of comics, one diagram each: panels ``A``, ``B``, ... and texts ``0``, ``1``, ... as they are read."""

RIGHT_TO_LEFT = {
    "four panels, rows before columns": """
        BBBBBBBBBB.AAAAAAAAAA
        B........B.A........A
        B.3....2.B.A.1....0.A
        B........B.A........A
        BBBBBBBBBB.AAAAAAAAAA
        .....................
        DDDDDDDDDD.CCCCCCCCCC
        D........D.C........C
        D.6......D.C.5......C
        D........D.C......4.C
        DDDDDDDDDD.CCCCCCCCCC
    """,
    "one strip of four": """
        AAAAAAAAA
        A.1..0..A
        AAAAAAAAA
        .........
        BBBBBBBBB
        B.....2.B
        BBBBBBBBB
        .........
        CCCCCCCCC
        C.4..3..C
        CCCCCCCCC
        .........
        DDDDDDDDD
        D.5.....D
        DDDDDDDDD
    """,
    "two strips of four side by side": """
        EEEEEEEE.AAAAAAAA
        E....4.E.A....0.A
        EEEEEEEE.AAAAAAAA
        .................
        FFFFFFFF.BBBBBBBB
        F.5....F.B.1....B
        FFFFFFFF.BBBBBBBB
        .................
        GGGGGGGG.CCCCCCCC
        G.6....G.C....2.C
        GGGGGGGG.CCCCCCCC
        .................
        HHHHHHHH.DDDDDDDD
        H....7.H.D....3.D
        HHHHHHHH.DDDDDDDD
    """,
    "two strips far apart": """
        CCCCCC......AAAAAA
        C..3.C......A..0.A
        CCCCCC......AAAAAA
        DDDDDD......BBBBBB
        D.4..D......B.2.1B
        DDDDDD......BBBBBB
    """,
    "tall panel on the right": """
        BBBBBBBBBB.AAAAAAAA
        B.2......B.A....0.A
        BBBBBBBBBB.A......A
        ...........A......A
        CCCCCCCCCC.A......A
        C......3.C.A.1....A
        CCCCCCCCCC.AAAAAAAA
    """,
    "tall panel on the left": """
        CCCCCCCC.AAAAAAAAAA
        C....3.C.A......0.A
        C......C.AAAAAAAAAA
        C......C...........
        C......C.BBBBBBBBBB
        C.4....C.B.2....1.B
        CCCCCCCC.BBBBBBBBBB
    """,
    "tall panel between two columns": """
        DDDDDDD.CCCCCCC.AAAAAAA
        D...4.D.C.....C.A...0.A
        DDDDDDD.C.....C.AAAAAAA
        ........C...2.C........
        EEEEEEE.C.....C.BBBBBBB
        E.5...E.C.3...C.B.1...B
        EEEEEEE.CCCCCCC.BBBBBBB
    """,
    "one wide panel over three": """
        AAAAAAAAAAAAAAAAAAAAA
        A.2......1........0.A
        AAAAAAAAAAAAAAAAAAAAA
        .....................
        DDDDDD.CCCCCC.BBBBBBB
        D....D.C..4.C.B...3.B
        D.5..D.C....C.B.....B
        DDDDDD.CCCCCC.BBBBBBB
    """,
    "an L around a small panel": """
        AAAAAAAAAAAAAAAAAAAA
        A.1..............0.A
        A..................A
        A.......BBBBBBBBBBBB
        A.......B.......2..B
        A.......B..3.......B
        AAAAAAAABBBBBBBBBBBB
    """,
    "an inset in the middle": """
        AAAAAAAAAAAAAAAAAAAA
        A................0.A
        A.....BBBBBBB......A
        A.....B..2..B......A
        A.....BBBBBBB......A
        A..1...............A
        AAAAAAAAAAAAAAAAAAAA
    """,
    "a small inset in the first corner comes after its host": """
        CCCCCCCC.AAAAAAAAAAABBB
        C....2.C.A..........B1B
        C......C.A..........BBB
        C......C.A............A
        C......C.A............A
        C......C.A.0..........A
        CCCCCCCC.AAAAAAAAAAAAAA
    """,
    "a large panel in the first corner of an L": """
        BBBBBBBBBBAAAAAAAAAA
        B.......2BA.1....0.A
        B........BA........A
        B........BAAAAAAAAAA
        B..................B
        B................3.B
        B.4................B
        BBBBBBBBBBBBBBBBBBBB
    """,
    "two insets in one picture": """
        AAAAAAAAAAAAAAAAAAAAAA
        A....................A
        A.CCCCCCC....BBBBBBB.A
        A.C..3..C....B..2..B.A
        A.CCCCCCC....BBBBBBB.A
        A....................A
        A........1.......0...A
        AAAAAAAAAAAAAAAAAAAAAA
    """,
    "bleeds at three edges": """
        AAAAAAAAAAAAAAAAAAAA
        A.1..............0.A
        A..................A
        AAAAAAAAAAAAAAAAAAAA
        CCCCCCCC.BBBBBBBBBB.
        C.....3C.B......2.B.
        CCCCCCCC.BBBBBBBBBB.
    """,
    "panels that touch": """
        BBBBBBBBBBAAAAAAAAAA
        B.......2BA.1....0.A
        BBBBBBBBBBAAAAAAAAAA
        CCCCCCCCCCCCCCCCCCCC
        C.4..............3.C
        CCCCCCCCCCCCCCCCCCCC
    """,
    "a panel that overlaps the row below": """
        BBBBBBBBB.AAAAAAAAAA
        B.2.....B.A.1....0.A
        B.......B.A........A
        BBBBBBBBB.A........A
        ..........A........A
        CCCCCCCCCCAAAAAAAAAA
        C.4............3...C
        C..................C
        C..................C
        C..................C
        CCCCCCCCCCCCCCCCCCCC
    """,
    "columns whose gutters do not meet": """
        CCCCCCCCC.AAAAAAAAAA
        C.....3.C.A......0.A
        C.......C.AAAAAAAAAA
        C.......C...........
        CCCCCCCCC.BBBBBBBBBB
        ..........B.2....1.B
        DDDDDDDDD.B........B
        D.4.....D.B........B
        DDDDDDDDD.BBBBBBBBBB
    """,
    "slanted gutter between two columns": """
        BBBBBBBBBAAAAAAAAAAA
        B.2....BB.A....1.0.A
        B.....BB.AA........A
        B....BB.AA.........A
        BBBBBBBBAAAAAAAAAAAA
        ....................
        CCCCCCCCCCCCCCCCCCCC
        C.3................C
        CCCCCCCCCCCCCCCCCCCC
    """,
    "three across, the middle one lower": """
        CCCCCC........AAAAAA
        C...2C.BBBBBB.A...0A
        C....C.B..1.B.A....A
        CCCCCC.B....B.AAAAAA
        .......BBBBBB.......
    """,
    "rows of two, three and one": """
        BBBBBBBBB.AAAAAAAAAA
        B.......B.A......0.A
        BBBBBBBBB.AAAAAAAAAA
        ....................
        EEEEEE.DDDDDD.CCCCCC
        E.3..E.D..2.D.C..1.C
        EEEEEE.DDDDDD.CCCCCC
        ....................
        FFFFFFFFFFFFFFFFFFFF
        F.5..............4.F
        FFFFFFFFFFFFFFFFFFFF
    """,
    "a row whose right half is two small panels": """
        CCCCCCCCCC.AAAAAAAAA
        C......2.C.A.....0.A
        C........C.AAAAAAAAA
        C........C..........
        C........C.BBBBBBBBB
        C.3......C.B.....1.B
        CCCCCCCCCC.BBBBBBBBB
        ....................
        DDDDDDDDDDDDDDDDDDDD
        D................4.D
        DDDDDDDDDDDDDDDDDDDD
    """,
    "a whirl around a middle panel": """
        BBBBBBBB.AAAAAA
        B.....1B.A...0A
        BBBBBBBB.A....A
        .........A....A
        EEEE.CCC.A....A
        E..E.C2C.A....A
        E..E.CCC.AAAAAA
        E..E...........
        E4.E.DDDDDDDDDD
        E..E.D.......3D
        EEEE.DDDDDDDDDD
    """,
    "a text in the gutter goes with the nearest panel": """
        BBBBBBBB...AAAAAAAA
        B.2....B.1.A....0.A
        BBBBBBBB..1AAAAAAAA
        ...................
        CCCCCCCCCCCCCCCCCCC
        C...............3.C
        CCCCCCCCCCCCCCCCCCC
    """,
    "a text across a border goes with the panel that has most of it": """
        BBBBBBBB.AAAAAAAAAA
        B......B.A......0.A
        B.2..1111A........A
        BBBBBBBB.AAAAAAAAAA
    """,
    "a text that hangs out above its panel": """
        .2222....AAAAAAAAAA
        B2222BBB.A......0.A
        B.222..B.A.1......A
        BBBBBBBB.AAAAAAAAAA
    """,
    "a text in the margin": """
        BBBBBBBB.AAAAAAAA....
        B.....2B.A......A.0..
        B......B.A.1....A....
        BBBBBBBB.AAAAAAAA....
    """,
    "texts of a panel that was not found stay together": """
        BBBBBBBBB.AAAAAAAAAA
        B.2.....B.A.1....0.A
        BBBBBBBBB.AAAAAAAAAA
        ....................
        ....................
        ..4............3....
        ..4............3....
        ..4............3....
        ....................
        ....................
        CCCCCCCCCCCCCCCCCCCC
        C.6..............5.C
        CCCCCCCCCCCCCCCCCCCC
    """,
    "texts without any panel": """
        .2....1....0.
        .2....1....0.
        .............
        .............
        .....4.....3.
        .....4.....3.
        .............
    """,
    "balloons staggered down a column": """
        AAAAAAAAAAAAAAAAAA
        A...........000..A
        A...........000..A
        A......111.......A
        A......111.......A
        A..222...........A
        A..222...........A
        AAAAAAAAAAAAAAAAAA
    """,
    "balloons that overlap along both axes": """
        AAAAAAAAAAAAAAAA
        A........00000.A
        A....1111.0000.A
        A....11111.....A
        A.222..........A
        AAAAAAAAAAAAAAAA
    """,
    "a tall narration column beside two balloons": """
        AAAAAAAAAAAAAAAA
        A..22........0.A
        A..22........0.A
        A............0.A
        A............0.A
        A.......11...0.A
        A.......11.....A
        AAAAAAAAAAAAAAAA
    """,
    "two columns of texts far apart": """
        AAAAAAAAAAAAAAAAAAAAAA
        A.222.............000A
        A.222.............000A
        A....................A
        A.333.............111A
        A.333.............111A
        AAAAAAAAAAAAAAAAAAAAAA
    """,
    "an aside below a long speech": """
        AAAAAAAAAAAAAAA
        A..111.....000A
        A..111.....000A
        A..111.....000A
        A.............A
        A..4......3..2A
        AAAAAAAAAAAAAAA
    """,
    "a spread: the right page before the left one": """
        EEEEEEE.DDDDDDD...BBBBBBB.AAAAAAA
        E...4.E.D...3.D...B...1.B.A...0.A
        EEEEEEE.DDDDDDD...BBBBBBB.AAAAAAA
        FFFFFFFFFFFFFFF...CCCCCCCCCCCCCCC
        F.6.........5.F...C...........2.C
        FFFFFFFFFFFFFFF...CCCCCCCCCCCCCCC
    """,
    "a spread with a picture across both pages": """
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        A.1...........................0.A
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        DDDDDDDDDDDDDDD...BBBBBBBBBBBBBBB
        D...........4.D...B.2...........B
        DDDDDDDDDDDDDDD...BBBBBBBBBBBBBBB
        EEEEEEEEEEEEEEE...CCCCCCCCCCCCCCC
        E.5...........E...C...........3.C
        EEEEEEEEEEEEEEE...CCCCCCCCCCCCCCC
    """,
    "a spread without panels": """
        ..4......3......1.......0...
        ..4......3......1.......0...
        ............................
        ...5...........2............
        ...5...........2............
    """,
}

STRIPS = {
    "straight down": """
        AAAAAAAAAA
        A.0......A
        AAAAAAAAAA
        ..........
        .......1..
        ..........
        BBBBBBBBBB
        B..2.....B
        BBBBBBBBBB
        ..........
        .3........
    """,
    "two panels side by side keep their texts together": """
        AAAAAAAAAAAAA
        A.....0.....A
        AAAAAAAAAAAAA
        BBBBBB.CCCCCC
        B.1..B.C..3.C
        B....B.C....C
        B..2.B.C.4..C
        BBBBBB.CCCCCC
        .............
        .....5.......
    """,
    "a dialogue that goes to and fro": """
        .0........
        ..........
        .......1..
        ..........
        .2........
        ..........
        .......3..
    """,
    "a panel that stands out of its row": """
        AAAAAA........
        A.0..A.BBBBBBB
        AAAAAA.B..1..B
        .......BBBBBBB
        ..............
        CCCCCCCCCCCCCC
        C.....2......C
        CCCCCCCCCCCCCC
    """,
}
"""Strips, for a language that goes left to right."""
