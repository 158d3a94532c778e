import com.google.gson.Gson;
import java.util.LinkedHashMap;
import java.util.Objects;

/** A check runs at once, and its outcome is a line of JSON: {"check": …}, with "wrong" where something is. */
interface Check {
  void run() throws Exception;

  static void that(String does, Check check) {
    var said = new LinkedHashMap<String, String>();
    said.put("check", does);
    try {
      check.run();
    } catch (Exception | AssertionError error) {
      said.put("wrong", String.valueOf(error));
    }
    System.out.println(new Gson().toJson(said));
  }

  static void same(Object got, Object wanted) {
    if (!Objects.equals(got, wanted)) throw new AssertionError("got " + got + ", not " + wanted);
  }
}
