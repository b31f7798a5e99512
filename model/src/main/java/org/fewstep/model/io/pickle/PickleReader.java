package org.fewstep.model.io.pickle;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.fewstep.config.UserException;
import org.fewstep.model.io.pickle.Vocabulary.Global;
import org.jspecify.annotations.Nullable;

/**
 * The machine that a pickle is a program for (Python's pickle protocols 0 to 5): a stack, a memo
 * and 68 instructions. It executes nothing of Python's: functions and classes are looked up in a
 * {@link Vocabulary}.
 *
 * <p>Python's values become Java's: {@link PyNone}, {@link Boolean}, {@link Long} ({@link
 * BigInteger} if it does not fit), {@link Double}, {@link String}, bytes as read-only {@link
 * ByteBuffer}, {@code List<Object>}, {@link PyTuple}, {@code Map<Object, Object>} and {@code
 * Set<Object>} in their order, and what the vocabulary makes.
 *
 * <p>Bounded by construction: every instruction takes at least a byte and makes at most one value,
 * no more values are made than {@link #OBJECTS} plus one for {@link #BYTES_PER_OBJECT} bytes, no
 * more are put away, and bytes are not copied; what functions may copy of their arguments counts as
 * well. Nothing here recurses; a value may contain itself, though, so who walks through one has to
 * count.
 */
public final class PickleReader {
  /** Values that any pickle may make. */
  static final int OBJECTS = 50_000;

  /** A further value for so many bytes of the file. */
  static final int BYTES_PER_OBJECT = 64;

  private static final int MAX_LINE = 1024;
  private static final int MAX_INTEGER_BYTES = 32;
  private static final int HIGHEST_PROTOCOL = 5;

  /** Something that may be longer than a buffer can be. */
  interface Windows {
    /** Bytes in all. */
    long size();

    /** Bytes from a position on, so many at least. */
    ByteBuffer from(long position, int atLeast);
  }

  private final @Nullable Windows windows;
  private ByteBuffer in;

  /** Where the buffer begins in the windows. */
  private long base;

  private final String where;
  private final Vocabulary vocabulary;
  private final UnaryOperator<Object> persistent;
  private final long maxObjects;

  private List<Object> stack = new ArrayList<>();
  private final Deque<List<Object>> marks = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();
  private long objects;

  /** Characters of texts that functions were given. */
  private long characters;

  private PickleReader(
      ByteBuffer in,
      @Nullable Windows windows,
      String where,
      Vocabulary vocabulary,
      UnaryOperator<Object> persistent,
      long fileBytes) {
    this.in = in;
    this.windows = windows;
    this.where = where;
    this.vocabulary = vocabulary;
    this.persistent = persistent;
    this.maxObjects = OBJECTS + fileBytes / BYTES_PER_OBJECT;
  }

  /**
   * Reads one pickle.
   *
   * @param in from its first byte on; left behind its last
   * @param where names the source in messages
   * @param persistent what the ids of things outside of the pickle stand for; throws {@link
   *     IllegalArgumentException} for one that it does not know
   * @throws UserException in one sentence, if it is damaged or asks for what is not known
   */
  public static Object read(
      ByteBuffer in, String where, Vocabulary vocabulary, UnaryOperator<Object> persistent) {
    return read(in, where, vocabulary, persistent, in.remaining());
  }

  /**
   * As {@link #read(ByteBuffer, String, Vocabulary, UnaryOperator)}.
   *
   * @param fileBytes size of the file that it is a part of, which bounds what it may make
   */
  static Object read(
      ByteBuffer in,
      String where,
      Vocabulary vocabulary,
      UnaryOperator<Object> persistent,
      long fileBytes) {
    return new PickleReader(in, null, where, vocabulary, persistent, fileBytes).read();
  }

  /**
   * As {@link #read(ByteBuffer, String, Vocabulary, UnaryOperator)}, from its first window on, and
   * without things outside of it.
   */
  static Object read(Windows windows, String where, Vocabulary vocabulary) {
    return new PickleReader(
            windows.from(0, 0), windows, where, vocabulary, noPersistentIds(), windows.size())
        .read();
  }

  private Object read() {
    in.order(ByteOrder.LITTLE_ENDIAN);
    int start = in.position();
    try {
      return run();
    } catch (IllegalArgumentException e) {
      throw new UserException(
          "%s is not a usable pickle: at byte %d %s; nothing of it was executed"
              .formatted(where, base + in.position() - start, e.getMessage()),
          e);
    }
  }

  /** A pickle without things outside of it. */
  public static UnaryOperator<Object> noPersistentIds() {
    return id -> {
      throw new IllegalArgumentException("it refers to something outside of itself");
    };
  }

  private Object run() {
    while (true) {
      int op = unsigned();
      if (op == '.') {
        Object result = pop();
        if (!stack.isEmpty() || !marks.isEmpty()) {
          throw new IllegalArgumentException("it stops with values left over");
        }
        return result;
      }
      step(op);
    }
  }

  private void step(int op) {
    switch (op) {
      case 0x80 -> protocol(unsigned());
      case 0x95 -> length(int64());
      case '(' -> mark();
      case '0' -> pop();
      case '1' -> popMark();
      case '2' -> push(top());
      case 'N' -> push(PyNone.NONE);
      case 0x88 -> push(Boolean.TRUE);
      case 0x89 -> push(Boolean.FALSE);
      case 'I' -> push(integer(line()));
      case 'L' -> push(longInteger(line()));
      case 'F' -> push(number(line()));
      case 'J' -> push((long) int32());
      case 'K' -> push((long) unsigned());
      case 'M' -> push((long) (int16() & 0xFFFF));
      case 0x8a -> push(binaryInteger(unsigned()));
      case 0x8b -> push(binaryInteger(length(int32())));
      case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(int64())));
      case 'S' -> push(quoted(line()));
      case 'V' -> push(line());
      case 'T' -> push(text(length(int32()), StandardCharsets.ISO_8859_1));
      case 'U' -> push(text(unsigned(), StandardCharsets.ISO_8859_1));
      case 'X' -> push(text(length(int32()), StandardCharsets.UTF_8));
      case 0x8c -> push(text(unsigned(), StandardCharsets.UTF_8));
      case 0x8d -> push(text(length(int64()), StandardCharsets.UTF_8));
      case 'B' -> push(bytes(length(int32())));
      case 'C' -> push(bytes(unsigned()));
      case 0x8e, 0x96 -> push(bytes(length(int64())));
      case ']' -> push(new ArrayList<>(0));
      case '}' -> push(new LinkedHashMap<>());
      case ')' -> push(new PyTuple(List.of()));
      case 'l' -> push(popMark());
      case 't' -> push(new PyTuple(popMark()));
      case 'd' -> push(putAll(new LinkedHashMap<>(), popMark()));
      case 0x85, 0x86, 0x87 -> push(tuple(op - 0x84));
      case 'a' -> append();
      case 'e' -> appendAll();
      case 's' -> setItem();
      case 'u' -> setItems();
      case 'p' -> put(index(line()));
      case 'q' -> put(unsigned());
      case 'r' -> put(int32());
      case 0x94 -> put(memo.size());
      case 'g' -> push(recall(index(line())));
      case 'h' -> push(recall(unsigned()));
      case 'j' -> push(recall(int32()));
      case 'c' -> push(global(line(), line()));
      case 0x93 -> stackGlobal();
      case 'R' -> reduce();
      case 0x81 -> newObject();
      case 0x92 -> newObjectWithKeywords();
      case 'b' -> build();
      case 'i' -> instance();
      case 'o' -> object();
      case 'P' -> push(persistent.apply(line()));
      case 'Q' -> push(persistent.apply(pop()));
      case 0x82, 0x83, 0x84 ->
          throw new IllegalArgumentException("it asks for an extension that it does not name");
      case 0x8f -> push(new LinkedHashSet<>());
      case 0x90 -> addItems();
      case 0x91 -> throw new IllegalArgumentException("it holds a frozen set, which no weights do");
      case 0x97, 0x98 ->
          throw new IllegalArgumentException("it asks for a buffer that lies outside of it");
      default -> throw new IllegalArgumentException("there is no instruction 0x%02x".formatted(op));
    }
  }

  private static void protocol(int version) {
    if (version > HIGHEST_PROTOCOL) {
      throw new IllegalArgumentException("its protocol is %d".formatted(version));
    }
  }

  // --- the stack ---

  private void push(Object value) {
    if (++objects > maxObjects) {
      throw new IllegalArgumentException(
          "it makes more than %d values, too many for its size".formatted(maxObjects));
    }
    stack.add(value);
  }

  private Object pop() {
    return stack.remove(topIndex());
  }

  private Object top() {
    return stack.get(topIndex());
  }

  private int topIndex() {
    if (stack.isEmpty()) {
      throw new IllegalArgumentException("it takes a value from an empty stack");
    }
    return stack.size() - 1;
  }

  private void mark() {
    if (++objects > maxObjects) {
      throw new IllegalArgumentException("it makes too many marks for its size");
    }
    marks.push(stack);
    stack = new ArrayList<>(0);
  }

  private List<Object> popMark() {
    if (marks.isEmpty()) {
      throw new IllegalArgumentException("it goes back to a mark that was never set");
    }
    List<Object> items = stack;
    stack = marks.pop();
    return items;
  }

  private PyTuple tuple(int size) {
    Object[] items = new Object[size];
    for (int i = size - 1; i >= 0; i--) {
      items[i] = pop();
    }
    return new PyTuple(Arrays.asList(items));
  }

  // --- collections ---

  private void append() {
    Object item = pop();
    list(top()).add(item);
  }

  private void appendAll() {
    List<Object> items = popMark();
    list(top()).addAll(items);
  }

  private void setItem() {
    Object value = pop();
    Object key = pop();
    map(top()).put(key(key), value);
  }

  private void setItems() {
    List<Object> items = popMark();
    putAll(map(top()), items);
  }

  @SuppressWarnings("unchecked") // sets are made here, and of this type
  private void addItems() {
    List<Object> items = popMark();
    if (!(top() instanceof LinkedHashSet)) {
      throw new IllegalArgumentException("it adds items to what is no set");
    }
    items.forEach(item -> ((LinkedHashSet<Object>) top()).add(key(item)));
  }

  private static Map<Object, Object> putAll(Map<Object, Object> map, List<Object> items) {
    if (items.size() % 2 != 0) {
      throw new IllegalArgumentException("a dictionary has a key without a value");
    }
    for (int i = 0; i < items.size(); i += 2) {
      map.put(key(items.get(i)), items.get(i + 1));
    }
    return map;
  }

  /** Keys whose hash is taken in bounded time. */
  static Object key(Object key) {
    if (key instanceof String
        || key instanceof Long
        || key instanceof Double
        || key instanceof Boolean
        || key instanceof BigInteger
        || key instanceof PyNone) {
      return key;
    }
    throw new IllegalArgumentException(
        "a dictionary or set has a key that is neither text nor a number");
  }

  @SuppressWarnings("unchecked") // lists are made here, and of this type
  private static List<Object> list(Object value) {
    if (value instanceof ArrayList) {
      return (List<Object>) value;
    }
    throw new IllegalArgumentException("it appends to what is no list");
  }

  @SuppressWarnings("unchecked") // maps are made here, and of this type
  private static Map<Object, Object> map(Object value) {
    if (value instanceof LinkedHashMap) {
      return (Map<Object, Object>) value;
    }
    throw new IllegalArgumentException("it sets an item of what is no dictionary");
  }

  // --- the memo ---

  private void put(int index) {
    memo.put(index, top());
    if (memo.size() > maxObjects) {
      throw new IllegalArgumentException(
          "it puts away more than %d values, too many for its size".formatted(maxObjects));
    }
  }

  private Object recall(int index) {
    Object value = memo.get(index);
    if (value == null) {
      throw new IllegalArgumentException(
          "it recalls value %d, which it never put away".formatted(index));
    }
    return value;
  }

  private static int index(String line) {
    try {
      return Integer.parseInt(line);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'%s' is no position in the memo".formatted(line), e);
    }
  }

  // --- functions and classes ---

  private Global global(String module, String name) {
    String whole = module + "." + name;
    Global global = vocabulary.find(whole);
    if (global == null) {
      throw new IllegalArgumentException(
          "it asks for %s, which is not among what weights are made of"
              .formatted(printable(whole)));
    }
    return global;
  }

  private void stackGlobal() {
    Object name = pop();
    Object module = pop();
    if (!(name instanceof String n) || !(module instanceof String m)) {
      throw new IllegalArgumentException("it asks for something whose name is no text");
    }
    if (n.length() > MAX_LINE || m.length() > MAX_LINE) {
      throw new IllegalArgumentException(
          "it asks for something whose name has more than %d characters".formatted(MAX_LINE));
    }
    push(global(m, n));
  }

  private void reduce() {
    Object arguments = pop();
    push(call(pop(), arguments));
  }

  private void newObject() {
    reduce();
  }

  private void newObjectWithKeywords() {
    Object keywords = pop();
    if (!(keywords instanceof Map<?, ?> map) || !map.isEmpty()) {
      throw new IllegalArgumentException("it makes an object from named arguments");
    }
    reduce();
  }

  /** Class name in the program. */
  private void instance() {
    Global type = global(line(), line());
    push(call(type, new PyTuple(popMark())));
  }

  /** Class below the arguments on the stack. */
  private void object() {
    List<Object> items = popMark();
    if (items.isEmpty()) {
      throw new IllegalArgumentException("it makes an object without a class");
    }
    push(call(items.get(0), new PyTuple(new ArrayList<>(items.subList(1, items.size())))));
  }

  private Object call(Object function, Object arguments) {
    if (!(function instanceof Global global)) {
      throw new IllegalArgumentException("it calls what is no function");
    }
    if (!(arguments instanceof PyTuple tuple)) {
      throw new IllegalArgumentException(
          "it calls %s with arguments that are no tuple".formatted(global.name()));
    }
    tuple.items().forEach(this::countCopy);
    return global.constructor().construct(tuple.items());
  }

  /**
   * Counts an argument as if the function copied it: the memo would give the same long one to many
   * calls, each of few bytes.
   */
  private void countCopy(Object argument) {
    if (argument instanceof String text) {
      characters += text.length();
    } else if (argument instanceof List<?> list) {
      objects += list.size();
    }
    if (objects > maxObjects || characters > maxObjects * BYTES_PER_OBJECT) {
      throw new IllegalArgumentException("it hands around more than its size allows");
    }
  }

  private void build() {
    Object state = pop();
    Object target = top();
    if (target instanceof PyObject object) {
      object.setState(state);
    } else if (target instanceof PyBuildable buildable) {
      buildable.build(state);
    } else if (!(target instanceof Map)) {
      // A dictionary's own attributes, such as a state_dict's versions, are left out.
      throw new IllegalArgumentException("it gives a state to what has none");
    }
  }

  // --- bytes ---

  private int unsigned() {
    int position = need(1);
    return in.get(position) & 0xFF;
  }

  private short int16() {
    int position = need(Short.BYTES);
    return in.getShort(position);
  }

  private int int32() {
    int position = need(Integer.BYTES);
    return in.getInt(position);
  }

  private long int64() {
    int position = need(Long.BYTES);
    return in.getLong(position);
  }

  /** Bytes that were not passed over yet. */
  private long remaining() {
    return windows == null ? in.remaining() : windows.size() - base - in.position();
  }

  /** The position of so many bytes in what is then the buffer; they are passed over. */
  private int need(int bytes) {
    if (bytes > remaining()) {
      throw new IllegalArgumentException("it ends too early");
    }
    if (windows != null && bytes > in.remaining()) {
      base += in.position();
      in = windows.from(base, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
    int position = in.position();
    in.position(position + bytes);
    return position;
  }

  private int length(long claimed) {
    if (claimed < 0 || claimed > remaining()) {
      throw new IllegalArgumentException(
          "it claims %s bytes and has %d left"
              .formatted(Long.toUnsignedString(claimed), remaining()));
    }
    if (claimed > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "it holds one value of %d bytes, and at most 2 GiB are read".formatted(claimed));
    }
    return (int) claimed;
  }

  private ByteBuffer bytes(int length) {
    length(length);
    int position = need(length);
    return in.slice(position, length).asReadOnlyBuffer();
  }

  private String text(int length, Charset charset) {
    return charset.decode(bytes(length)).toString();
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (int c = unsigned(); c != '\n'; c = unsigned()) {
      if (line.length() == MAX_LINE) {
        throw new IllegalArgumentException(
            "it has a line of more than %d bytes".formatted(MAX_LINE));
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private Object binaryInteger(int length) {
    if (length > MAX_INTEGER_BYTES) {
      throw new IllegalArgumentException("it holds an integer of %d bytes".formatted(length));
    }
    byte[] bigEndian = new byte[length];
    ByteBuffer bytes = bytes(length);
    for (int i = length - 1; i >= 0; i--) {
      bigEndian[i] = bytes.get();
    }
    return length == 0 ? (Object) 0L : narrow(new BigInteger(bigEndian));
  }

  private static Object integer(String line) {
    return switch (line) {
      case "00" -> Boolean.FALSE;
      case "01" -> Boolean.TRUE;
      default -> longInteger(line);
    };
  }

  private static Object longInteger(String line) {
    String digits = line.endsWith("L") ? line.substring(0, line.length() - 1) : line;
    if (digits.length() > 2 * MAX_INTEGER_BYTES) {
      throw new IllegalArgumentException(
          "it holds an integer of %d digits".formatted(digits.length()));
    }
    try {
      return narrow(new BigInteger(digits.strip()));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'%s' is no integer".formatted(printable(line)), e);
    }
  }

  private static Object narrow(BigInteger value) {
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private static Object number(String line) {
    try {
      return Double.valueOf(line);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'%s' is no number".formatted(printable(line)), e);
    }
  }

  private static String quoted(String line) {
    int last = line.length() - 1;
    if (last < 1 || line.charAt(0) != line.charAt(last) || "'\"".indexOf(line.charAt(0)) < 0) {
      throw new IllegalArgumentException("it holds a text without quotes");
    }
    return line.substring(1, last);
  }

  /** A name from a stranger, fit to be shown. */
  private static String printable(String name) {
    String clean = name.replaceAll("[^\\x21-\\x7e]", "?");
    return clean.length() > 100 ? clean.substring(0, 100) + "..." : clean;
  }
}
