package ${{ values.package }};

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ${{ values.className }}ApplicationTest {

  @Test
  void saysHello() {
    assertEquals("Hello from ${{ values.name }}", new ${{ values.className }}Application().hello());
  }
}
