package org.fewstep.protocol.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.fewstep.protocol.TensorCodec;
import org.junit.jupiter.api.Test;

class TensorStoreTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final AtomicLong nanos = new AtomicLong(-5);
  private final TensorStore store = new TensorStore("t-", nanos::get);

  @Test
  void shouldLetGoOfATensorWhenNobodyAsksForItsTimeToLive() {
    String id = store.hold(new float[3], TensorCodec.FLOAT32, MINUTE);
    String lasting = store.hold(new float[3], TensorCodec.FLOAT32, null);

    nanos.addAndGet(MINUTE.toNanos());
    store.letGoOfWhatIsOver();
    assertThat(store.size()).isEqualTo(2);
    nanos.incrementAndGet();
    assertThatThrownBy(() -> store.find(id, 3))
        .isInstanceOf(TransferFailedException.class)
        .hasMessage("tensor t-1 was released");

    assertThat(store.size()).isEqualTo(1);
    nanos.addAndGet(1000 * MINUTE.toNanos());
    assertThat(lasting).isEqualTo("t-2");
    store.letGoOfWhatIsOver();
    assertThat(store.size()).isEqualTo(1);
  }

  @Test
  void shouldKeepATensorWhenItIsAskedForBeforeItsTimeIsOver() throws Exception {
    String id = store.hold(new float[3], TensorCodec.FLOAT32, MINUTE);

    for (int i = 0; i < 3; i++) {
      nanos.addAndGet(MINUTE.toNanos());
      store.find(id, 3);
    }

    assertThat(store.size()).isEqualTo(1);
  }
}
