package ${{ values.package }};

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class ${{ values.className }}Application {

  public static void main(String[] args) {
    SpringApplication.run(${{ values.className }}Application.class, args);
  }

  @GetMapping("/hello")
  String hello() {
    return "Hello from ${{ values.name }}";
  }
}
