import static io.grpc.Status.Code.*;

import com.google.protobuf.DynamicMessage;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/** GrpcJava DESCRIPTORS HOST:PORT: says a check a line, as JSON. */
final class GrpcJava {
  private static final String PRICE = "inputs { name: 'price' datatype: 'FP64' shape: %d contents { %s } }";
  private static final String ASKED = "model_name: 'ads' " + PRICE.formatted(1, "fp64_contents: 10");
  private static final CallOptions PATIENT = DynamicCalls.within(300_000);

  private final ManagedChannel channel;
  private final MethodDescriptor<DynamicMessage, DynamicMessage> infer;
  private final MethodDescriptor<DynamicMessage, DynamicMessage> stream;

  private GrpcJava(DynamicCalls calls, String address) {
    channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    infer = calls.method("inference.GRPCInferenceService", "ModelInfer");
    stream = calls.method("inference.GRPCInferenceService", "ModelStreamInfer");
  }

  public static void main(String[] arguments) throws Exception {
    // What arrives for a call that has ended is told on the way.
    Logger.getLogger("io.grpc").setLevel(Level.WARNING);
    new GrpcJava(new DynamicCalls(Path.of(arguments[0])), arguments[1]).run();
    System.exit(0);
  }

  private DynamicMessage ask(CallOptions options, String text) throws Exception {
    return DynamicCalls.ask(channel, infer, options, text);
  }

  private Status failure(CallOptions options, String text) throws Exception {
    try {
      ask(options, text);
    } catch (StatusRuntimeException failed) {
      return failed.getStatus();
    }
    return Status.OK;
  }

  private void run() {
    Check.that("is answered, in gzip too", () -> Check.same(ask(PATIENT.withCompression("gzip"), ASKED), ask(PATIENT.withWaitForReady(), ASKED)));
    Check.that("takes megabytes, and no more than it says", () -> {
      var wide = "model_name: 'ads' " + PRICE.formatted(50_000, "fp64_contents: 10 ".repeat(50_000));
      Check.same(ask(PATIENT, wide).getSerializedSize() > 1_000_000, true);
      Check.same(failure(PATIENT.withMaxInboundMessageSize(1000), wide).getCode(), RESOURCE_EXHAUSTED);
    });
    Check.that("reads why a call failed, beyond ASCII", () -> {
      var failed = failure(PATIENT, "model_name: 'größe 100 %20 😀'");
      Check.same(failed.getCode(), NOT_FOUND);
      Check.same(failed.getDescription().contains("größe 100 %20 😀"), true);
    });
    Check.that("sends metadata in bytes", () -> {
      var bytes = new Metadata();
      for (byte one : new byte[] {0, -1}) bytes.put(Metadata.Key.of("trace-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {one});
      var with = io.grpc.ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(bytes));
      DynamicCalls.ask(with, infer, PATIENT, ASKED);
    });
    for (int requests : new int[] {0, 1, 50})
      Check.that("streams " + requests + " requests", () -> Check.same(streamed(requests), "OK with " + requests));
    Check.that("watches the health", () -> {
      var health = HealthGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
      for (var known : new String[][] {{"ads", "SERVING"}, {"bids", "SERVICE_UNKNOWN"}})
        Check.same(health.watch(HealthCheckRequest.newBuilder().setService(known[0]).build()).next().getStatus().name(), known[1]);
    });
    Check.that("loses no call to others whose deadlines of 2 ms pass", this::tightDeadlines);
    channel.shutdownNow();
  }

  /** Every second one in gzip. */
  private String streamed(int requests) throws Exception {
    var answers = new AtomicInteger();
    var ended = new CompletableFuture<Status>();
    var call = channel.newCall(stream, PATIENT.withCompression("gzip"));
    call.start(new ClientCall.Listener<>() {
      @Override public void onMessage(DynamicMessage answer) { answers.incrementAndGet(); }
      @Override public void onClose(Status status, Metadata trailers) { ended.complete(status); }
    }, new Metadata());
    call.request(Integer.MAX_VALUE);
    for (int sent = 0; sent < requests; sent += 1) {
      call.setMessageCompression(sent % 2 == 0);
      call.sendMessage(DynamicCalls.request(stream, ASKED));
    }
    call.halfClose();
    return ended.get().getCode() + " with " + answers;
  }

  private void tightDeadlines() throws Exception {
    int atOnce = 50;
    var room = new Semaphore(atOnce);
    var failed = new ConcurrentHashMap<String, Integer>();
    var request = DynamicCalls.request(infer, ASKED);
    for (int call = 0; call < 6000; call += 1) {
      room.acquire();
      boolean tight = call % 2 == 0;
      ClientCalls.asyncUnaryCall(channel.newCall(infer, tight ? DynamicCalls.within(2) : PATIENT), request, new StreamObserver<>() {
        @Override public void onNext(DynamicMessage answer) {}
        @Override public void onCompleted() { room.release(); }
        @Override public void onError(Throwable error) {
          if (!tight || Status.fromThrowable(error).getCode() != DEADLINE_EXCEEDED) failed.merge(error.toString(), 1, Integer::sum);
          room.release();
        }
      });
    }
    room.acquire(atOnce);
    Check.same(failed.toString(), "{}");
  }
}
