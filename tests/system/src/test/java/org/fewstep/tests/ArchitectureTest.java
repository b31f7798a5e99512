package org.fewstep.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.fewstep.deploy.Fewstep;
import org.fewstep.deploy.Interruption;

/** Who may know whom. */
@AnalyzeClasses(packages = "org.fewstep", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String CONFIG = "org.fewstep.config..";
  private static final String MODEL = "org.fewstep.model..";
  private static final String PROTOCOL = "org.fewstep.protocol..";
  private static final String ACTORS = "org.fewstep.actors..";
  private static final String DEPLOY = "org.fewstep.deploy..";
  private static final String BENCH = "org.fewstep.tests.bench..";
  private static final String BENCH_OF_LIBTORCH = "org.fewstep.tests.bench.libtorch..";
  private static final String LIBTORCH = "org.bytedeco.pytorch..";
  private static final String PEKKO = "org.apache.pekko..";
  private static final String ND4J = "org.nd4j..";
  private static final String DL4J = "org.deeplearning4j..";
  private static final String JAVACPP = "org.bytedeco..";
  private static final String PICOCLI = "picocli..";
  private static final String PROTOBUF = "com.google.protobuf..";

  @ArchTest
  static final ArchRule CONFIG_KNOWS_HOCON_ALONE =
      classes()
          .that()
          .resideInAPackage(CONFIG)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              CONFIG,
              "java..",
              "com.typesafe.config..",
              "org.apache.commons.text..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule MODEL_RUNS_WITHOUT_ACTORS =
      noClasses()
          .that()
          .resideInAPackage(MODEL)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(PROTOCOL, ACTORS, DEPLOY, BENCH, PEKKO, PROTOBUF, PICOCLI);

  @ArchTest
  static final ArchRule PROTOCOL_KNOWS_NO_MATHEMATICS =
      noClasses()
          .that()
          .resideInAPackage(PROTOCOL)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(MODEL, ACTORS, DEPLOY, BENCH, ND4J, DL4J, JAVACPP, PICOCLI);

  @ArchTest
  static final ArchRule ACTORS_KNOW_NO_COMMAND_LINE =
      noClasses()
          .that()
          .resideInAPackage(ACTORS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(DEPLOY, BENCH, PICOCLI, "me.tongfei..");

  @ArchTest
  static final ArchRule BENCH_KNOWS_NO_COMMAND_LINE =
      noClasses()
          .that()
          .resideInAPackage(BENCH)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(DEPLOY, PICOCLI, "me.tongfei..");

  @ArchTest
  static final ArchRule ONLY_ITS_OWN_PROCESS_KNOWS_LIBTORCH =
      noClasses()
          .that()
          .resideOutsideOfPackage(BENCH_OF_LIBTORCH)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(LIBTORCH);

  @ArchTest
  static final ArchRule LIBTORCH_IS_COMPARED_WITHOUT_OUR_ARRAYS =
      noClasses()
          .that()
          .resideInAPackage(BENCH_OF_LIBTORCH)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ND4J, DL4J, "org.fewstep.model.network.op..", "org.fewstep.model.network.graph..");

  @ArchTest
  static final ArchRule ACTORS_LEAVE_ARRAYS_TO_THE_MODEL =
      noClasses()
          .that()
          .resideInAPackage(ACTORS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ND4J, DL4J, JAVACPP);

  @ArchTest
  static final ArchRule COMMAND_LEAVES_ARRAYS_TO_THE_MODEL =
      noClasses()
          .that()
          .resideInAPackage(DEPLOY)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ND4J, DL4J, JAVACPP);

  @ArchTest
  static final ArchRule OBJECTIVES_SEE_NO_LAYER =
      noClasses()
          .that()
          .resideInAPackage("org.fewstep.model.objective..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.fewstep.model.network.graph..",
              "org.fewstep.model.network.op..",
              "org.fewstep.model.network.unet..",
              ND4J,
              DL4J);

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_SPEAKS =
      noClasses().that().resideOutsideOfPackage(DEPLOY).should(ACCESS_STANDARD_STREAMS);

  @ArchTest static final ArchRule ONE_WAY_TO_LOG = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_ENDS_THE_PROCESS =
      noClasses()
          .that(areNot(Fewstep.class, Interruption.class))
          .should()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "halt", int.class);

  private static DescribedPredicate<JavaClass> areNot(Class<?>... allowed) {
    return DescribedPredicate.describe(
        "are not the command itself",
        type -> {
          for (Class<?> one : allowed) {
            if (type.isEquivalentTo(one)) {
              return false;
            }
          }
          return true;
        });
  }
}
