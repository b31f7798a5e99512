package org.fewstep.actors.coordinator;

/**
 * The units of a run, cut into pieces that one push each covers: equally many units, but for the
 * last piece, which may be smaller.
 *
 * @param origin the first unit of piece 0
 * @param endUnit the unit behind the last piece
 */
record Pieces(long origin, long endUnit, int unitsPerPiece) {

  /** Number of pieces. */
  long count() {
    return (endUnit - origin + unitsPerPiece - 1) / unitsPerPiece;
  }

  /** The piece that begins with a unit, or -1. */
  long beginningWith(long unit) {
    long offset = unit - origin;
    return offset < 0 || unit >= endUnit || offset % unitsPerPiece != 0
        ? -1
        : offset / unitsPerPiece;
  }

  /** The first unit of a piece. */
  long firstUnit(long piece) {
    return Math.min(endUnit, origin + piece * unitsPerPiece);
  }

  /** How many units a piece has. */
  int units(long piece) {
    return (int) (firstUnit(piece + 1) - firstUnit(piece));
  }
}
