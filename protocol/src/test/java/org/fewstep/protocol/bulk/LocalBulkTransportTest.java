package org.fewstep.protocol.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.junit.jupiter.api.Test;

class LocalBulkTransportTest {
  private final LocalBulkTransport transport = new LocalBulkTransport();

  @Test
  void shouldHandOverTheSameTensorToEveryoneWhenItIsNotReleased() {
    float[] tensor = {1, 2, 3};

    TensorTicket ticket = transport.offer(tensor);

    assertThat(ticket.elements()).isEqualTo(3);
    assertThat(transport.fetch(ticket).toCompletableFuture().join()).isSameAs(tensor);
    assertThat(transport.fetch(ticket).toCompletableFuture().join()).isSameAs(tensor);
  }

  @Test
  void shouldHandOverWhatOtherNodesWouldSeeWhenTheCodecRounds() {
    float[] tensor = {1, 1.01f, -3.3e38f};

    TensorTicket ticket = transport.offer(tensor, TensorCodec.BFLOAT16);

    assertThat(transport.fetch(ticket).toCompletableFuture().join())
        .containsExactly(1, 1.0078125f, -3.2964854e38f);
    assertThat(tensor[1]).isEqualTo(1.01f);
  }

  @Test
  void shouldFailTheFetchAndHoldNothingWhenTheTensorWasReleased() {
    TensorTicket ticket = transport.offer(new float[2]);

    transport.release(ticket);
    transport.release(ticket);

    assertThat(transport.held()).isZero();
    assertThatThrownBy(() -> transport.fetch(ticket).toCompletableFuture().join())
        .hasCauseInstanceOf(TransferFailedException.class)
        .hasMessageContaining("was released");
  }

  @Test
  void shouldFailTheFetchWhenTheTensorIsNotAsLongAsItsTicketSays() {
    TensorTicket ticket = transport.offer(new float[2]);
    TensorTicket wrong = new TensorTicket(ticket.transferId(), 3);

    assertThatThrownBy(() -> transport.fetch(wrong).toCompletableFuture().join())
        .hasCauseInstanceOf(TransferFailedException.class)
        .hasMessageContaining("2 elements, its ticket says 3");
  }
}
