package org.fewstep.deploy.output;

import java.util.ArrayList;
import java.util.List;

/** Rows of words under headings, in columns as wide as what stands in them. */
public final class Columns {
  private static final String GAP = "  ";

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param headings of numbers begin with a blank: these columns are aligned to the right
   */
  public Columns(String... headings) {
    this.headings = List.of(headings);
  }

  /** Adds a row with a cell for each heading. */
  public void add(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "%d cells under %d headings".formatted(cells.length, headings.size()));
    }
    rows.add(List.of(cells));
  }

  /** The headings and the rows, or nothing where there are no rows. */
  public List<String> lines() {
    if (rows.isEmpty()) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    lines.add(line(headings.stream().map(String::strip).toList()));
    rows.forEach(row -> lines.add(line(row)));
    return lines;
  }

  private String line(List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      boolean right = headings.get(i).startsWith(" ");
      String blanks = " ".repeat(width(i) - cells.get(i).length());
      line.append(GAP).append(right ? blanks + cells.get(i) : cells.get(i) + blanks);
    }
    return line.toString().stripTrailing();
  }

  private int width(int column) {
    int widest = headings.get(column).strip().length();
    for (List<String> row : rows) {
      widest = Math.max(widest, row.get(column).length());
    }
    return widest;
  }
}
