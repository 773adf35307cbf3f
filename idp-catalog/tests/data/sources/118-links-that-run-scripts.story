A link that would run a script is taken out; the entity stays.

== file a.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
  annotations:
    backstage.io/view-url: " java\nscript:alert(1)"
    backstage.io/edit-url: https://example.org/edit
spec:
  type: service
  lifecycle: production
  owner: team
== ingest
