An interface description that refers to other files becomes one text.

== file api/openapi.yaml.txt
openapi: 3.1.0
paths:
  /pets: {$ref: 'paths/pets.txt'}
components:
  schemas:
    Pet: {$ref: './schemas.txt#/Pet'}
== file api/paths/pets.txt
get:
  schema: {$ref: ../schemas.txt#/Pet}
== file api/schemas.txt
Pet:
  properties:
    friend: {$ref: '#/Pet'}
== file a.root.yaml
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: bundled
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $openapi: ./api/openapi.yaml.txt
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: broken
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $asyncapi: ./broken.txt
== file broken.txt
{$ref: ./nowhere.txt}
== ingest
