package org.fewstep.actors;

import com.typesafe.config.ConfigFactory;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.bulk.LocalBulkTransport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A test of single actors: one actor system for the class, every message serialised. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ActorTest {
  protected static final DispatcherSelector PINNED =
      DispatcherSelector.fromConfig("fewstep.pinned-dispatcher");

  protected static final EvaluationSchedule NO_EVALUATION =
      new EvaluationSchedule(1, false, List.of());

  protected ActorTestKit kit;
  protected final LocalBulkTransport transport = new LocalBulkTransport();

  @BeforeAll
  void startKit() {
    kit =
        ActorTestKit.create(
            getClass().getSimpleName(),
            ConfigFactory.parseString(
                    """
                    pekko.actor.serialize-messages = on
                    pekko.actor.testkit.typed.single-expect-default = 20s
                    pekko.actor.testkit.typed.default-timeout = 20s
                    """)
                .withFallback(ConfigFactory.parseResources("org/fewstep/actors/run/local.conf"))
                .withFallback(ConfigFactory.defaultReference()));
  }

  @AfterAll
  void shutDownKit() {
    kit.shutdownTestKit();
  }
}
