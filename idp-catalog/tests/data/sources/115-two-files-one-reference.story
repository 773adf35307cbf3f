Two sources lead to one reference: the first counts, and when it leaves, the other is there at once.

== file one.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
spec:
  type: service
  lifecycle: production
  owner: team
== ingest
== other two.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
spec:
  type: website
  lifecycle: production
  owner: team
== ingest other
== remove one.yaml
== ingest
