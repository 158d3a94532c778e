import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.TextFormat;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;

/** Calls by the descriptors in a file, with requests in protobuf's text format. */
final class DynamicCalls {
  private final Map<String, FileDescriptorProto> images = new HashMap<>();
  private final Map<String, FileDescriptor> files = new HashMap<>();

  DynamicCalls(Path descriptorSet) throws Exception {
    for (var image : FileDescriptorSet.parseFrom(Files.readAllBytes(descriptorSet)).getFileList())
      images.put(image.getName(), image);
    for (var name : images.keySet()) file(name);
  }

  private FileDescriptor file(String name) throws Exception {
    var known = files.get(name);
    if (known != null) return known;
    var image = images.get(name);
    var imported = new FileDescriptor[image.getDependencyCount()];
    for (int at = 0; at < imported.length; at += 1) imported[at] = file(image.getDependency(at));
    var built = FileDescriptor.buildFrom(image, imported, true);
    files.put(name, built);
    return built;
  }

  MethodDescriptor<DynamicMessage, DynamicMessage> method(String service, String name) {
    for (var file : files.values())
      for (var found : file.getServices()) {
        if (!found.getFullName().equals(service)) continue;
        var method = found.findMethodByName(name);
        return MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
            .setType(method.isClientStreaming() ? MethodType.BIDI_STREAMING : MethodType.UNARY)
            .setFullMethodName(service + "/" + name)
            .setRequestMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
            .setResponseMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
            .build();
      }
    throw new NoSuchElementException(service);
  }

  static DynamicMessage request(MethodDescriptor<DynamicMessage, DynamicMessage> method, String text) throws Exception {
    var marshaller = (MethodDescriptor.PrototypeMarshaller<DynamicMessage>) method.getRequestMarshaller();
    var message = marshaller.getMessagePrototype().newBuilderForType();
    TextFormat.merge(text, message);
    return message.build();
  }

  static DynamicMessage ask(
      Channel channel, MethodDescriptor<DynamicMessage, DynamicMessage> method, CallOptions options, String text) throws Exception {
    return ClientCalls.blockingUnaryCall(channel, method, options, request(method, text));
  }

  static CallOptions within(long ms) {
    return CallOptions.DEFAULT.withDeadlineAfter(ms, TimeUnit.MILLISECONDS);
  }
}
